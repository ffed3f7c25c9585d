with

learners as (
    select * from {{ source("contract_files", "learners") }}
),

renamed as (
    select
        learner_id,
        {{ local_time("_known_at") }} as known_at,
        gender,
        age_band,
        nationality_group,
        home_language,
        preferred_language,
        cast(birth_year as integer) as birth_year,
        cast(education_isced as integer) as education_isced,
        cast(unemployment_months as integer) as unemployment_months,
        has_migration_background,
        has_disability,
    from learners
)

select * from renamed
