{{ config(materialized="ephemeral") }}

{%- set counts = ["planned_half_days_count", "attended_half_days_count", "late_count", "unexcused_count"] %}

with

panel_runs as (
    select * from {{ ref("int_panel_runs") }}
),

attendance_weeks as (
    select * from {{ ref("int_attendance_weeks") }}
    where {{ is_in_this_part() }}
),

{{ late_counts("attendance_weeks", counts) }}

select * from final
