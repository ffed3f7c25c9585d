{{ config(materialized="ephemeral") }}

with

enrolment_versions as (
    select * from {{ ref("int_enrolment_versions") }}
    where {{ is_in_this_part() }}
),

-- One unbroken run of Mondays per enrolment, whatever was thought of its dates in between.
runs as (
    select
        enrolment_id,
        min(panel_from_week) as from_week,
        max(panel_to_week) as to_week,
    from enrolment_versions
    where panel_from_week <= panel_to_week
    group by enrolment_id
),

{% if carries_on() -%}
-- Those whose kept counts stand. Of the others the whole past is looked at again: a start or an end may have moved.
carried as (
    select enrolment_id from enrolment_versions
    group by enrolment_id
    having
        bool_or({{ last_built_week() }} between panel_from_week and panel_to_week)
        and not bool_or(
            from_week > {{ last_built_week() }} or to_week between {{ last_built_week() }} + 1 and {{ as_of_week() }}
        )
),

final as (
    select
        runs.enrolment_id,
        greatest(runs.from_week, {{ last_built_week() }} + 1) as from_week,
        runs.to_week,
        case when carried.enrolment_id is not null then {{ last_built_week() }} else 0 end as counted_to_week,
    from runs
    left join carried on runs.enrolment_id = carried.enrolment_id
    where runs.to_week > {{ last_built_week() }}
)
{%- else -%}
final as (
    select
        *,
        0 as counted_to_week,
    from runs
)
{%- endif %}

select * from final
