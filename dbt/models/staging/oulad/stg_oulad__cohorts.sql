with

presentations as (
    select * from {{ ref("stg_oulad__presentations") }}
),

-- The archive has no campus; its region is the learner's home, which is protected, so the module stands in.
renamed as (
    select
        cohort_id,
        {{ known_after_lag("published_date", "cohorts") }} as known_at,
        code_module as training_id,
        code_module as campus,
        cast(null as text) as region,
        cast(null as text) as employment_service,
        start_date,
        end_date as training_end_date,
        cast(null as date) as internship_end_date,
    from presentations
)

select * from renamed
