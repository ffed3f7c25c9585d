with

scores as (
    select * from {{ ref("fct_score") }}
    where target = '{{ var("ranked_by") }}'
),

enrolment_week as (
    select * from {{ ref("fct_enrolment_week") }}
    where is_active
),

caseloads as (
    select * from {{ ref("caseloads") }}
),

targets as (
    select * from {{ ref("fct_enrolment_target") }}
    where target = '{{ var("ranked_by") }}'
),

-- One model ranked a Monday; where several have scored it, the newest.
chosen_scores as (
    select * from scores
    qualify rank() over (partition by as_of_date order by model_version desc) = 1
),

-- Who followed the enrolment on that Monday, as was known then.
caseload_weeks as (
    select
        chosen_scores.enrolment_id,
        chosen_scores.as_of_date,
        caseloads.caseload_id,
        caseloads.coach_id,
        caseloads.start_date,
        caseloads.end_date,
    from chosen_scores
    inner join caseloads
        on chosen_scores.enrolment_id = caseloads.enrolment_id and chosen_scores.as_of_date > caseloads.known_at
    qualify
        row_number() over (
            partition by chosen_scores.as_of_date, caseloads.caseload_id
            order by caseloads.known_at desc
        ) = 1
),

owners as (
    select * from caseload_weeks
    where start_date <= as_of_date and coalesce(end_date, as_of_date) >= as_of_date
    qualify
        row_number() over (
            partition by as_of_date, enrolment_id
            order by start_date desc, caseload_id desc
        ) = 1
),

owned as (
    select
        chosen_scores.enrolment_id,
        chosen_scores.as_of_date,
        chosen_scores.score_probability as support_need_probability,
        chosen_scores.reason_1_code,
        enrolment_week.cohort_id,
        enrolment_week.campus,
        owners.coach_id,
        coalesce(owners.coach_id, enrolment_week.cohort_id) as list_owner_id,
    from chosen_scores
    inner join enrolment_week
        on
            chosen_scores.enrolment_id = enrolment_week.enrolment_id
            and chosen_scores.as_of_date = enrolment_week.as_of_date
    left join owners
        on
            chosen_scores.enrolment_id = owners.enrolment_id
            and chosen_scores.as_of_date = owners.as_of_date
),

ranked as (
    select
        *,
        {{ list_position(by="as_of_date, list_owner_id") }} as list_position,
    from owned
),

listed as (
    select
        *,
        {{ is_listed() }} as is_listed,
        max(list_position) over (partition by as_of_date, list_owner_id) > {{ var("capacity") }} as has_cut,
    from ranked
),

-- Midway between the last who had a place and the first who had none: what decided, all else being equal.
cuts as (
    select
        as_of_date,
        list_owner_id,
        avg(support_need_probability) as cut_probability,
    from listed
    where has_cut and list_position between {{ var("capacity") }} and {{ var("capacity") }} + 1
    group by 1, 2
),

final as (
    select
        listed.enrolment_id,
        listed.as_of_date as list_date,
        listed.cohort_id,
        listed.campus,
        listed.coach_id,
        listed.list_owner_id,
        listed.list_position,
        listed.support_need_probability,
        listed.support_need_probability - cuts.cut_probability as distance_to_cut,
        listed.is_listed,
        targets.is_positive,
    from listed
    left join cuts on listed.as_of_date = cuts.as_of_date and listed.list_owner_id = cuts.list_owner_id
    left join targets on listed.enrolment_id = targets.enrolment_id and targets.is_mature
)

select * from final
