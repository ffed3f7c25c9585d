{{ config(materialized="ephemeral") }}

with

panel_runs as (
    select * from {{ ref("int_panel_runs") }}
),

activity_weeks as (
    select * from {{ ref("int_activity_weeks") }}
    where {{ is_in_this_part() }}
),

{{ late_counts("activity_weeks", ["active_days_count", "action_count"], also_within=[1, 2]) }}

select * from final
