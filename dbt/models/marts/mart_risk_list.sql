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
        {%- if var("model_version") %}
        model_version = '{{ var("model_version") }}'
        {%- else %}
        model_version = (select max(newest.model_version) from scores as newest)
        {%- endif %}
),

owned as (
    select
        enrolment_week.*,
        current_caseloads.coach_id,
        coalesce(current_caseloads.coach_id, enrolment_week.cohort_id) as list_owner_id,
        chosen_scores.score_probability as support_need_probability,
        chosen_scores.basis,
        chosen_scores.model_version,
        chosen_scores.reason_1_code,
        chosen_scores.reason_2_code,
        chosen_scores.reason_3_code,
        chosen_scores.strength_1_code,
        case
            when chosen_scores.enrolment_id is null then 'no_score'
            else chosen_scores.not_scored_reason
        end as not_scored_reason,
    from enrolment_week
    left join current_caseloads on enrolment_week.enrolment_id = current_caseloads.enrolment_id
    left join chosen_scores on enrolment_week.enrolment_id = chosen_scores.enrolment_id
),

ranked as (
    select
        *,
        cast(
            row_number() over (
                partition by list_owner_id
                order by support_need_probability desc nulls last, enrolment_id
            ) as integer
        ) as list_position,
    from owned
),

-- A name without a fact that can still change gives the coach nothing to ask.
final as (
    select
        * exclude (education_isced, is_active, has_attendance, has_activity, has_assessments),
        list_position <= {{ var("capacity") }}
        and support_need_probability is not null
        and reason_1_code is not null as is_listed,
    from ranked
)

select * from final
