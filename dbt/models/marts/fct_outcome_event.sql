{{ config(
    materialized="kept_rows",
    pre_hook="{{ forget_rows(is_news_learner(ref('outcome_events'), ref('in_field_rules'))) }}",
) }}
with

all_events as (
    select * from {{ ref("outcome_events") }}
),

in_field_rules as (
    select * from {{ ref("in_field_rules") }}
),

versions as (
    select * from {{ ref("int_outcome_event_versions") }}
    where {{ is_news_learner("all_events", "in_field_rules") }}
),

jobs as (
    select * from {{ ref("int_learner_jobs") }}
),

final as (
    select
        versions.outcome_event_id,
        versions.known_at,
        versions.learner_id,
        versions.job_id,
        jobs.overruled_by as overruled_by_event_id,
        versions.event_type,
        versions.source,
        versions.evidence_class,
        versions.contract_type,
        versions.subsidised_scheme,
        versions.isco08,
        versions.in_field_rule_version,
        versions.hours_pct,
        versions.employer_is_partner,
        versions.employer_is_school,
        versions.is_in_field,
        versions.superseded_at is null
        and coalesce(versions.event_date < date '{{ var("as_of") }}', false)
        and jobs.overruled_by is null as is_in_force,
        versions.event_date,
        versions.superseded_at,
    from versions
    left join jobs
        on versions.outcome_event_id = jobs.outcome_event_id and versions.known_at = jobs.known_at
)

select * from final
