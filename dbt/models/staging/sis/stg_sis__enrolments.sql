with

enrolment as (
    select * from {{ source("sis", "enrolment") }}
),

renamed as (
    select
        enrolment_no as enrolment_id,
        {{ local_time("_known_at") }} as known_at,
        learner_no as learner_id,
        cohort_code as cohort_id,
        cast(prior_attempts_count as integer) as prior_attempts_count,
        cast(null as integer) as credits_studied,
        wants_work_in_field,
        enrolled_date,
    from enrolment
)

select * from renamed
