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

status_spans as (
    select * from {{ ref("int_enrolment_status_spans") }}
),

assessment_result_weeks as (
    select * from {{ ref("int_assessment_result_weeks") }}
),

-- Few learners have more than one enrolment, and only theirs are looked at.
repeaters as (
    select learner_id from enrolment_versions
    group by learner_id
    having count(distinct enrolment_id) > 1
),

versions as (
    select enrolment_versions.*
    from enrolment_versions
    semi join repeaters on enrolment_versions.learner_id = repeaters.learner_id
),

mondays as (
    select
        enrolment_week.enrolment_id,
        enrolment_week.week,
        versions.learner_id,
    from enrolment_week
    inner join versions
        on
            enrolment_week.enrolment_id = versions.enrolment_id
            and enrolment_week.week between versions.panel_from_week and versions.panel_to_week
),

others as (
    select
        mondays.enrolment_id,
        mondays.week,
        versions.enrolment_id as other_enrolment_id,
    from mondays
    inner join versions
        on
            mondays.learner_id = versions.learner_id
            and mondays.enrolment_id <> versions.enrolment_id
            and mondays.week >= versions.from_week
            and mondays.week < versions.to_week
),

statuses as (
    select
        others.enrolment_id,
        others.week,
        count(*) filter (where status_spans.status = 'completed') as other_completed_count,
        count(*) filter (where status_spans.status in ('failed', 'excluded')) as other_failed_count,
        count(*) filter (where status_spans.status = 'dropped_out') as other_dropped_out_count,
        count(*) filter (where not coalesce(status_spans.has_left, false)) as other_running_count,
    from others
    left join status_spans
        on
            others.other_enrolment_id = status_spans.enrolment_id
            and others.week >= status_spans.from_week
            and others.week < status_spans.to_week
    group by others.enrolment_id, others.week
),

results as (
    select
        others.enrolment_id,
        others.week,
        sum(assessment_result_weeks.scored_count) as other_scored_count,
        sum(assessment_result_weeks.score_hundredths) as other_score_hundredths,
    from others
    inner join assessment_result_weeks
        on
            others.other_enrolment_id = assessment_result_weeks.enrolment_id
            and others.week >= assessment_result_weeks.week_visible
    group by others.enrolment_id, others.week
),

final as (
    select
        statuses.enrolment_id,
        statuses.week,
        cast(statuses.other_completed_count as integer) as other_completed_count,
        cast(statuses.other_failed_count as integer) as other_failed_count,
        cast(statuses.other_dropped_out_count as integer) as other_dropped_out_count,
        cast(statuses.other_running_count as integer) as other_running_count,
        cast(coalesce(results.other_scored_count, 0) as integer) as other_scored_count,
        cast(coalesce(results.other_score_hundredths, 0) as integer) as other_score_hundredths,
    from statuses
    left join results on statuses.enrolment_id = results.enrolment_id and statuses.week = results.week
)

select * from final
