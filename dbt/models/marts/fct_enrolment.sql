with

current_enrolments as (
    select * from {{ ref("int_current_enrolments") }}
),

current_statuses as (
    select * from {{ ref("int_current_statuses") }}
),

current_caseloads as (
    select * from {{ ref("int_current_caseloads") }}
),

final as (
    select
        current_enrolments.enrolment_id,
        current_enrolments.learner_id,
        current_enrolments.cohort_id,
        current_enrolments.training_id,
        current_caseloads.coach_id,
        current_enrolments.campus,
        current_statuses.status,
        current_enrolments.prior_attempts_count,
        current_enrolments.credits_studied,
        not coalesce(current_statuses.has_left, false) as is_active,
        current_enrolments.enrolled_date,
        current_enrolments.start_date,
        case when current_statuses.has_left then current_statuses.effective_date end as left_date,
    from current_enrolments
    left join current_statuses on current_enrolments.enrolment_id = current_statuses.enrolment_id
    left join current_caseloads on current_enrolments.enrolment_id = current_caseloads.enrolment_id
)

select * from final
