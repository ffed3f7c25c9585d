with

in_field as (
    select * from {{ ref("int_enrolment_outcome") }}
    where definition_id = 'cirr_employed' and status = 'completed'
),

any_job as (
    select * from {{ ref("int_enrolment_outcome") }}
    where definition_id = 'school_promise_with_schemes'
),

outcome_events as (
    select * from {{ ref("int_current_outcome_events") }}
),

planned_ends as (
    select
        enrolment_id,
        end_date,
    from {{ ref("int_enrolment_exits") }}
),

answers as (
    select
        in_field.enrolment_id,
        arg_max(
            outcome_events.event_type,
            (outcome_events.event_date, outcome_events.known_at, outcome_events.outcome_event_id)
        ) as last_answer,
    from in_field
    inner join outcome_events
        on
            in_field.learner_id = outcome_events.learner_id
            and outcome_events.event_date between in_field.left_date and in_field.mature_date
    where outcome_events.event_type in ('seeking', 'not_seeking')
    group by in_field.enrolment_id
),

coded as (
    select
        in_field.enrolment_id,
        year(in_field.left_date) || '-H' || case when month(in_field.left_date) < 7 then 1 else 2 end as half_year,
        case
            when in_field.outcome = 'excluded' then 'Excluded'
            when in_field.outcome = 'immature' then 'Pending'
            when in_field.outcome = 'placed' and in_field.is_at_school then '1C'
            when in_field.outcome = 'placed' and in_field.contract_type = 'self_employed' then '1D'
            when
                in_field.outcome = 'placed' and in_field.contract_type = 'permanent' and in_field.hours_pct = 100
                then '1A'
            when
                in_field.outcome = 'placed'
                and in_field.contract_type in ('temporary', 'subsidised')
                and in_field.hours_pct = 100
                then '1B'
            when in_field.outcome = 'placed' then '1E'
            when any_job.is_placed and any_job.is_at_school then '2A'
            when any_job.is_placed then '2B'
            when answers.last_answer = 'seeking' then '3A'
            when answers.last_answer = 'not_seeking' then '3B'
            else '4'
        end as outcome_code,
        coalesce(in_field.left_date > planned_ends.end_date, false) as is_late,
    from in_field
    left join planned_ends on in_field.enrolment_id = planned_ends.enrolment_id
    left join any_job on in_field.enrolment_id = any_job.enrolment_id
    left join answers on in_field.enrolment_id = answers.enrolment_id
),

counted as (
    select
        half_year,
        outcome_code,
        count(*) as graduate_count,
        count(*) filter (where is_late) as late_graduate_count,
        sum(count(*)) over (partition by half_year) as all_count,
        sum(case when outcome_code = 'Excluded' then count(*) else 0 end) over (partition by half_year)
            as excluded_count,
        bool_and(outcome_code <> 'Pending') over (partition by half_year) as is_mature,
    from coded
    group by half_year, outcome_code
),

final as (
    select
        half_year,
        outcome_code,
        date '{{ var("as_of") }}' as as_of_date,
        cast(graduate_count as integer) as graduate_count,
        cast(late_graduate_count as integer) as late_graduate_count,
        case
            when is_mature and outcome_code <> 'Excluded' then graduate_count / (all_count - excluded_count)
        end as graduate_share,
        is_mature,
    from counted
)

select * from final
