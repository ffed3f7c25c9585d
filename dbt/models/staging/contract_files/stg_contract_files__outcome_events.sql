with

outcome_events as (
    select * from {{ source("contract_files", "outcome_events") }}
),

renamed as (
    select
        outcome_event_id,
        {{ local_time("_known_at") }} as known_at,
        learner_id,
        job_id,
        event_type,
        source,
        evidence_class,
        contract_type,
        subsidised_scheme,
        isco08,
        cast(hours_pct as integer) as hours_pct,
        employer_is_partner,
        employer_is_school,
        event_date,
    from outcome_events
)

select * from renamed
