with

enrolment_week as (
    select * from {{ ref("fct_enrolment_week") }}
    where as_of_date = date '{{ var("as_of") }}' and is_active
),

enrolments as (
    select * from {{ ref("fct_enrolment") }}
),

cohort_week as (
    select * from {{ ref("int_cohort_week") }}
    where {{ monday_of("week") }} = date '{{ var("as_of") }}'
),

candidates as (
    select * from {{ ref("fct_list_candidate") }}
),

places as (
    select * from {{ ref("fct_list_place") }}
),

joined as (
    select
        enrolment_week.*,
        enrolments.start_date,
        cohort_week.last_due_date,
        candidates.coach_id,
        candidates.list_owner_id,
        candidates.support_need_probability,
        candidates.probability_low,
        candidates.probability_high,
        candidates.basis,
        candidates.model_version,
        candidates.reason_1_code,
        candidates.reason_2_code,
        candidates.reason_3_code,
        candidates.strength_1_code,
        candidates.not_scored_reason,
        places.list_place,
        places.list_change,
        places.weeks_on_list,
        places.listed_probability,
        places.is_listed,
        places.is_also_check_in,
        candidates.is_near_cut
        and not coalesce(places.weeks_on_list between 2 and {{ least_weeks_on_list() }}, false) as is_near_cut,
    from enrolment_week
    inner join candidates on enrolment_week.enrolment_id = candidates.enrolment_id
    left join enrolments on enrolment_week.enrolment_id = enrolments.enrolment_id
    left join cohort_week on enrolment_week.cohort_id = cohort_week.cohort_id
    inner join places on candidates.enrolment_id = places.enrolment_id
),

ranked as (
    select
        *,
        {{ list_position(by="list_owner_id") }} as list_position,
    from joined
),

final as (
    select
        enrolment_id,
        as_of_date,
        cohort_id,
        campus,
        training_id,
        learner_id,
        start_date,
        week_of_training,
        enrolled_lead_days,
        prior_attempts_count,
        credits_studied,
        planned_half_days_count,
        planned_half_days_count_4w,
        attended_half_days_count,
        attended_half_days_count_4w,
        late_count,
        late_count_4w,
        unexcused_count,
        unexcused_count_4w,
        active_days_count,
        active_days_count_4w,
        action_count,
        action_count_4w,
        active_days_count_1w,
        pre_start_active_days_count,
        due_count,
        last_due_date,
        handed_in_count,
        handed_in_of_due_count,
        late_hand_in_count,
        scored_count,
        score_pct_sum,
        coach_id,
        list_owner_id,
        support_need_probability,
        probability_low,
        probability_high,
        basis,
        model_version,
        reason_1_code,
        reason_2_code,
        reason_3_code,
        strength_1_code,
        not_scored_reason,
        list_position,
        is_near_cut,
        list_place,
        list_change,
        weeks_on_list,
        listed_probability,
        is_listed,
        is_also_check_in,
    from ranked
)

select * from final
