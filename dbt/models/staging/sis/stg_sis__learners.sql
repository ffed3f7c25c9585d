with

learner as (
    select * from {{ source("sis", "learner") }}
),

renamed as (
    select
        learner_no as learner_id,
        {{ local_time("_known_at") }} as known_at,
        gender,
        cast(null as text) as age_band,
        nationality_group,
        home_language,
        preferred_language,
        cast(birth_year as integer) as birth_year,
        cast(education_isced as integer) as education_isced,
        cast(unemployment_months as integer) as unemployment_months,
        has_migration_background,
        has_disability,
    from learner
)

select * from renamed
