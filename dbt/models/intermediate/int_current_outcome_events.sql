{{ config(materialized="view") }}
with

versions as (
    select * from {{ ref("int_outcome_event_versions") }}
),

-- A version without a date withdraws the event; a date ahead has not happened yet.
final as (
    select
        outcome_event_id,
        known_at,
        learner_id,
        job_id,
        event_type,
        source,
        evidence_class,
        contract_type,
        subsidised_scheme,
        isco08,
        hours_pct,
        employer_is_partner,
        employer_is_school,
        event_date,
        is_in_field,
        in_field_rule_version,
        event_type in ('job_start', 'self_employed') and coalesce(contract_type, '') <> 'internship' as is_job,
        coalesce(subsidised_scheme, '') in ('IBO', 'PFI', 'FPI')
        or coalesce(contract_type, '') = 'subsidised' as is_subsidised,
    from versions
    where superseded_at is null and event_date < date '{{ var("as_of") }}'
)

select * from final
