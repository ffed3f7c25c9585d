with

outcome_events as (
    select * from {{ ref("int_current_outcome_events") }}
),

final as (
    select
        outcome_event_id,
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
        known_at,
    from outcome_events
)

select * from final
