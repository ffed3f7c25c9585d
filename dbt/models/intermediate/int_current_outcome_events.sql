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
        *,
        event_type in ('job_start', 'self_employed') and contract_type is distinct from 'internship' as is_job,
        coalesce(subsidised_scheme in ('IBO', 'PFI', 'FPI'), false) or contract_type is not distinct from 'subsidised'
            as is_subsidised,
    from latest
    where event_date < date '{{ var("as_of") }}'
)

select * from final
