{{ config(
    materialized="kept_rows",
    pre_hook="{{ forget_rows(is_news_event(ref('outcome_events'), ref('in_field_rules'))) }}",
) }}
{%- set told = [
    "learner_id", "job_id", "event_type", "source", "evidence_class", "contract_type", "subsidised_scheme", "isco08",
    "hours_pct", "employer_is_partner", "employer_is_school", "event_date",
] | join(", ") %}
with

all_events as (
    select * from {{ ref("outcome_events") }}
),

in_field_rules as (
    select * from {{ ref("in_field_rules") }}
),

-- A register sends a job again when it has ended: a version that says what the one before it said is none.
outcome_events as (
    select * from all_events
    where {{ is_news_event("all_events", "in_field_rules") }}
    qualify
        hash({{ told }}) is distinct from lag(hash({{ told }})) over (
            partition by outcome_event_id
            order by known_at
        )
),

rule_in_force as (
    select * from in_field_rules
    where valid_from <= date '{{ var("as_of") }}'
    qualify valid_from = max(valid_from) over ()
),

occupations as (
    select
        outcome_events.isco08,
        bool_or(starts_with(outcome_events.isco08, rule_in_force.isco08_prefix)) as is_in_field,
        max(rule_in_force.in_field_rule_version) as in_field_rule_version,
    from outcome_events
    cross join rule_in_force
    where outcome_events.isco08 is not null
    group by outcome_events.isco08
),

final as (
    select
        outcome_events.outcome_event_id,
        outcome_events.known_at,
        outcome_events.learner_id,
        outcome_events.job_id,
        outcome_events.event_type,
        outcome_events.source,
        outcome_events.evidence_class,
        outcome_events.contract_type,
        outcome_events.subsidised_scheme,
        outcome_events.isco08,
        outcome_events.hours_pct,
        outcome_events.employer_is_partner,
        outcome_events.employer_is_school,
        outcome_events.event_date,
        occupations.is_in_field,
        occupations.in_field_rule_version,
        lead(outcome_events.known_at) over (
            partition by outcome_events.outcome_event_id
            order by outcome_events.known_at
        ) as superseded_at,
    from outcome_events
    left join occupations on outcome_events.isco08 = occupations.isco08
)

select * from final
