{{ config(materialized="ephemeral") }}

with

panel_runs as (
    select * from {{ ref("int_panel_runs") }}
),

enrolment_versions as (
    select * from {{ ref("int_enrolment_versions") }}
),

activity_weeks as (
    select * from {{ ref("int_activity_weeks") }}
    where {{ is_in_this_part() }}
),

-- Before the start, as the start was known at the time: a start that moves takes its count along.
changes as (
    {%- for moment, sign in [("from_week", 1), ("to_week", -1)] %}
    select
        weeks.enrolment_id,
        greatest(weeks.week_happened, weeks.week_known, versions.{{ moment }}) as week,
        {{ sign }} * weeks.active_days_count as active_days_count,
        {{ sign }} * weeks.action_count as action_count,
    from activity_weeks as weeks
    inner join enrolment_versions as versions
        on
            weeks.enrolment_id = versions.enrolment_id
            and weeks.week_happened <= {{ week_of("versions.start_date") }}
    where versions.{{ moment }} < {{ never() }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select
        changes.enrolment_id,
        greatest(changes.week, panel_runs.from_week) as week,
        cast(sum(changes.active_days_count) as integer) as pre_start_active_days_count,
        cast(sum(changes.action_count) as integer) as pre_start_action_count,
    from changes
    inner join panel_runs on changes.enrolment_id = panel_runs.enrolment_id
    group by all
)

select * from final
