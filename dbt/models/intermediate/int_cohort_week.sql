{{ config(materialized="kept_rows") }}

with

enrolment_versions as (
    select * from {{ ref("int_enrolment_versions") }}
),

enrolment_week as (
    select * from {{ ref("int_enrolment_week") }}
    {%- if carries_on() %}
    where week > {{ last_built_week() }}
    {%- endif %}
),

assessments as (
    select * from {{ ref("assessments") }}
),

-- Which families of facts reach us: a silence of the whole cohort is a missing log, not missing learners.
cohort_weeks as (
    select
        enrolment_versions.cohort_id,
        enrolment_week.week,
        bool_or(enrolment_week.planned_half_days_count > 0) as has_attendance,
        bool_or(enrolment_week.active_days_count_2w > 0) as has_activity,
    from enrolment_week
    inner join enrolment_versions
        on
            enrolment_week.enrolment_id = enrolment_versions.enrolment_id
            and enrolment_week.week between enrolment_versions.panel_from_week and enrolment_versions.panel_to_week
    group by all
),

versions as (
    select
        *,
        {{ visible_week("cast(known_at as date)") }} as known_week,
        lead({{ visible_week("cast(known_at as date)") }}, 1, {{ never() }}) over (
            partition by assessment_id
            order by known_at
        ) as replaced_week,
    from assessments
),

counted as (
    select
        cohort_weeks.cohort_id,
        cohort_weeks.week,
        count(*) as assessment_count,
        count(*) filter (where {{ visible_week("versions.due_date") }} <= cohort_weeks.week) as due_count,
        max(versions.due_date) filter (
            where {{ visible_week("versions.due_date") }} <= cohort_weeks.week
        ) as last_due_date,
    from cohort_weeks
    inner join versions
        on
            cohort_weeks.cohort_id = versions.cohort_id
            and cohort_weeks.week >= versions.known_week
            and cohort_weeks.week < versions.replaced_week
    group by all
),

final as (
    select
        cohort_weeks.cohort_id,
        cohort_weeks.week,
        cast(coalesce(counted.due_count, 0) as integer) as due_count,
        counted.last_due_date,
        cohort_weeks.has_attendance,
        cohort_weeks.has_activity,
        coalesce(counted.assessment_count, 0) > 0 as has_assessments,
    from cohort_weeks
    left join counted on cohort_weeks.cohort_id = counted.cohort_id and cohort_weeks.week = counted.week
)

select * from final
