with

registrations as (
    select * from {{ ref("stg_oulad__registrations") }}
),

renamed as (
    select
        enrolment_id,
        {{ known_after_lag("enrolled_date", "enrolments") }} as known_at,
        learner_id,
        cohort_id,
        prior_attempts_count,
        credits_studied,
        cast(null as boolean) as wants_work_in_field,
        enrolled_date,
    from registrations
)

select * from renamed
