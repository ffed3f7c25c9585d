{{ config(
    materialized="kept_rows",
    pre_hook="{{ forget_rows(is_news_learner(ref('outcome_events'), ref('in_field_rules'))) }}",
) }}
with

outcome_events as (
    select * from {{ ref("int_current_outcome_events") }}
),

all_events as (
    select * from {{ ref("outcome_events") }}
),

in_field_rules as (
    select * from {{ ref("in_field_rules") }}
),

evidence_precedence as (
    select * from {{ ref("evidence_precedence") }}
),

ends as (
    select
        job_id,
        min(event_date) as end_date,
    from outcome_events
    where event_type = 'job_end' and job_id is not null
    group by job_id
),

idle as (
    select
        learner_id,
        event_date,
    from outcome_events
    where event_type in ('seeking', 'not_seeking')
),

told as (
    select
        outcome_events.*,
        evidence_precedence.precedence,
        evidence_precedence.tells_every_job,
        cast(outcome_events.known_at as date) as told_date,
        ends.end_date as told_end_date,
    from outcome_events
    inner join evidence_precedence on outcome_events.evidence_class = evidence_precedence.evidence_class
    left join ends on outcome_events.job_id = ends.job_id
    where outcome_events.is_job and {{ is_news_learner("all_events", "in_field_rules") }}
),

-- Two accounts are of the same job when the better one has it running between the start of the other and the day that
-- the other was told.
overruled as (
    select
        told.outcome_event_id,
        arg_min(better.outcome_event_id, (better.precedence, better.known_at, better.outcome_event_id)) as overruled_by,
    from told
    inner join told as better
        on
            told.learner_id = better.learner_id
            and told.outcome_event_id <> better.outcome_event_id
            and told.told_date >= better.event_date
            and (better.told_end_date is null or told.event_date <= better.told_end_date)
            and (
                told.precedence > better.precedence
                or (
                    told.precedence = better.precedence
                    and not told.tells_every_job
                    and (told.known_at, told.outcome_event_id) > (better.known_at, better.outcome_event_id)
                )
            )
    group by told.outcome_event_id
),

-- Where no source tells the end, the first later answer without work ends what somebody told of.
contradicted as (
    select
        told.outcome_event_id,
        min(idle.event_date) as idle_date,
    from told
    inner join idle on told.learner_id = idle.learner_id and told.told_date < idle.event_date
    where told.told_end_date is null and not told.tells_every_job
    group by told.outcome_event_id
),

final as (
    select
        told.outcome_event_id,
        told.known_at,
        told.learner_id,
        overruled.overruled_by,
        told.evidence_class,
        told.contract_type,
        told.precedence,
        told.hours_pct,
        told.event_type = 'self_employed' or coalesce(told.contract_type, '') = 'self_employed' as is_self_employed,
        told.is_subsidised,
        told.is_in_field,
        coalesce(told.employer_is_school, false) as is_at_school,
        coalesce(told.employer_is_partner, false) as is_at_partner,
        told.event_date as start_date,
        coalesce(told.told_end_date, contradicted.idle_date - 1) as end_date,
    from told
    left join overruled on told.outcome_event_id = overruled.outcome_event_id
    left join contradicted on told.outcome_event_id = contradicted.outcome_event_id
)

select * from final
