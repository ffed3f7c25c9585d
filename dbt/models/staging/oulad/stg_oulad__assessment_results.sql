with

student_assessment as (
    {{ newest_version(source("oulad", "student_assessment"), ["id_assessment", "id_student"]) }}
),

assessments as (
    select * from {{ ref("stg_oulad__assessments") }}
),

presentations as (
    select * from {{ ref("stg_oulad__presentations") }}
),

-- A banked result is work of an earlier presentation: counted here, it would look like work handed in before the start.
own_work as (
    select * from student_assessment
    where lower(is_banked) not in ('y', '1', 'true')
),

dated as (
    select
        presentations.cohort_id || '-' || own_work.id_student as enrolment_id,
        own_work.id_assessment as assessment_id,
        own_work.score as score_pct,
        presentations.start_date + cast(own_work.date_submitted as integer) as submitted_date,
        assessments.due_date,
    from own_work
    inner join assessments on own_work.id_assessment = assessments.assessment_id
    inner join presentations on assessments.cohort_id = presentations.cohort_id
),

final as (
    select
        enrolment_id,
        assessment_id,
        {{ known_after_lag("submitted_date", "assessment_results") }} as known_at,
        {{ known_after_lag("submitted_date", "assessment_results") }} as known_at_utc,
        score_pct,
        false as is_correction,
        submitted_date,
        due_date,
    from dated
)

select * from final
