with

outcome_events as (
    select * from {{ ref("outcome_events") }}
),

latest as (
    select * from outcome_events
    qualify row_number() over (partition by outcome_event_id order by known_at desc) = 1
),

-- A version without a date withdraws the event; a date ahead has not happened yet.
final as (
    select
        outcome_event_id,
        known_at,
        learner_id,
        event_type,
        source,
        evidence_class,
        contract_type,
        subsidised_scheme,
        isco08,
        hours_pct,
        employer_is_partner,
        event_date,
        event_type in ('job_start', 'self_employed') and coalesce(contract_type, '') <> 'internship' as is_job,
        coalesce(subsidised_scheme, '') in ('IBO', 'PFI', 'FPI')
        or coalesce(contract_type, '') = 'subsidised' as is_subsidised,
    from latest
    where event_date < date '{{ var("as_of") }}'
)

select * from final
