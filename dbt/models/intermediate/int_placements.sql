with

current_enrolments as (
    select * from {{ ref("int_current_enrolments") }}
),

current_statuses as (
    select * from {{ ref("int_current_statuses") }}
),

outcome_events as (
    select * from {{ ref("int_current_outcome_events") }}
),

leavers as (
    select
        current_enrolments.enrolment_id,
        current_enrolments.learner_id,
        current_statuses.status,
        current_statuses.known_at as left_known_at,
        current_statuses.effective_date as left_date,
        current_statuses.effective_date + {{ var("horizon_days") }} as horizon_date,
        current_statuses.effective_date + {{ var("horizon_days") + var("reporting_lag_days") }} as mature_date,
    from current_enrolments
    inner join current_statuses on current_enrolments.enrolment_id = current_statuses.enrolment_id
    where current_statuses.has_left
),

-- The first job within the horizon, as first heard of where two sources tell of the same day, subsidised schemes apart;
-- an answer without a job is evidence of none.
evidence as (
    select
        leavers.enrolment_id,
        min({ 'event_date': outcome_events.event_date, 'known_at': outcome_events.known_at }) filter (
            where outcome_events.is_job and not outcome_events.is_subsidised
        ) as placed,
        min(outcome_events.event_date) filter (
            where outcome_events.is_job and outcome_events.is_subsidised
        ) as subsidised_date,
        coalesce(bool_or(outcome_events.event_type in ('seeking', 'not_seeking', 'further_training')), false)
            as has_answered,
    from leavers
    inner join outcome_events
        on
            leavers.learner_id = outcome_events.learner_id
            and leavers.left_date <= outcome_events.event_date
            and case
                when outcome_events.is_job then leavers.horizon_date
                else leavers.mature_date
            end >= outcome_events.event_date
    group by leavers.enrolment_id
),

final as (
    select
        leavers.enrolment_id,
        leavers.status,
        leavers.left_known_at,
        struct_extract(evidence.placed, 'known_at') as placed_known_at,
        leavers.left_date,
        leavers.horizon_date,
        leavers.mature_date,
        struct_extract(evidence.placed, 'event_date') as placed_date,
        case
            when evidence.placed is not null then 'placed'
            when leavers.mature_date > date '{{ var("as_of") }}' then 'immature'
            when evidence.subsidised_date is not null then 'placed_subsidised'
            when evidence.has_answered then 'not_placed'
            else 'unknown'
        end as outcome,
        leavers.mature_date <= date '{{ var("as_of") }}' as is_mature,
    from leavers
    left join evidence on leavers.enrolment_id = evidence.enrolment_id
)

select * from final
