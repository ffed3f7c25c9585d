with

enrolment_week as (
    select * from {{ ref("fct_enrolment_week") }}
    where as_of_date = date '{{ var("as_of") }}' and is_active
),

current_caseloads as (
    select * from {{ ref("int_current_caseloads") }}
),

scores as (
    select * from {{ ref("fct_score") }}
    where as_of_date = date '{{ var("as_of") }}' and target = '{{ var("ranked_by") }}'
),

-- The model in force; where nobody names it, the newest that scored this Monday.
chosen_scores as (
    select * from scores
    where
        model_version = coalesce(
            nullif('{{ var("model_version") }}', ''),
            (select max(newest.model_version) from scores as newest)
        )
),

owned as (
    select
        enrolment_week.enrolment_id,
        enrolment_week.as_of_date,
        current_caseloads.coach_id,
        coalesce(current_caseloads.coach_id, enrolment_week.cohort_id) as list_owner_id,
        chosen_scores.score_probability as support_need_probability,
        chosen_scores.probability_low,
        chosen_scores.probability_high,
        chosen_scores.basis,
        chosen_scores.model_version,
        chosen_scores.reason_1_code,
        chosen_scores.reason_2_code,
        chosen_scores.reason_3_code,
        chosen_scores.strength_1_code,
        coalesce(chosen_scores.is_near_cut, false) as is_near_cut,
        case
            when chosen_scores.enrolment_id is null then 'no_score'
            else chosen_scores.not_scored_reason
        end as not_scored_reason,
    from enrolment_week
    left join current_caseloads on enrolment_week.enrolment_id = current_caseloads.enrolment_id
    left join chosen_scores on enrolment_week.enrolment_id = chosen_scores.enrolment_id
)

select * from owned
