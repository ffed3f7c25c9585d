with

enrolments as (
    select * from {{ source("contract_files", "enrolments") }}
),

renamed as (
    select
        enrolment_id,
        {{ local_time("_known_at") }} as known_at,
        learner_id,
        cohort_id,
        cast(prior_attempts_count as integer) as prior_attempts_count,
        cast(credits_studied as integer) as credits_studied,
        wants_work_in_field,
        enrolled_date,
    from enrolments
)

select * from renamed
