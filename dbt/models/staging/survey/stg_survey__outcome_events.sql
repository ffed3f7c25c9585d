with

followup as (
    select * from {{ source("survey", "followup") }}
),

renamed as (
    select
        'survey:' || enrolment_no || ':' || wave_months as outcome_event_id,
        {{ local_time("_known_at") }} as known_at,
        learner_no as learner_id,
        case
            when situation in ('working', 'self_employed') then 'survey:' || enrolment_no || ':' || wave_months
        end as job_id,
        case
            when answered_date is null then 'unreachable'
            when situation = 'working' then 'job_start'
            else situation
        end as event_type,
        'survey' as source,
        'self_report' as evidence_class,
        case when situation = 'self_employed' then 'self_employed' else contract_type end as contract_type,
        cast(null as text) as subsidised_scheme,
        isco08,
        cast(hours_pct as integer) as hours_pct,
        employer_is_partner,
        employer_is_school,
        coalesce(job_start_date, answered_date, sent_date) as event_date,
    from followup
)

select * from renamed
