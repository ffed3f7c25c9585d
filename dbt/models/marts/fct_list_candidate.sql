with

enrolment_week as (
    select * from {{ ref("fct_enrolment_week") }}
    where as_of_date = date '{{ var("as_of") }}' and is_active
),

current_caseloads as (
    select * from {{ ref("int_current_caseloads") }}
),

ranking_scores as (
    select * from {{ ref("fct_score") }}
    where is_ranking and as_of_date = date '{{ var("as_of") }}'
),

owned as (
    select
        enrolment_week.enrolment_id,
        enrolment_week.as_of_date,
        current_caseloads.coach_id,
        coalesce(current_caseloads.coach_id, enrolment_week.cohort_id) as list_owner_id,
        ranking_scores.score_probability as support_need_probability,
        ranking_scores.probability_low,
        ranking_scores.probability_high,
        ranking_scores.basis,
        ranking_scores.model_version,
        ranking_scores.reason_1_code,
        ranking_scores.reason_2_code,
        ranking_scores.reason_3_code,
        ranking_scores.strength_1_code,
        coalesce(ranking_scores.is_near_cut, false) as is_near_cut,
        case
            when ranking_scores.enrolment_id is null then 'no_score'
            else ranking_scores.not_scored_reason
        end as not_scored_reason,
    from enrolment_week
    left join current_caseloads on enrolment_week.enrolment_id = current_caseloads.enrolment_id
    left join ranking_scores on enrolment_week.enrolment_id = ranking_scores.enrolment_id
)

select * from owned
