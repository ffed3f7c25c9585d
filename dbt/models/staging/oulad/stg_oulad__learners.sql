with

registrations as (
    select * from {{ ref("stg_oulad__registrations") }}
),

-- A learner who registers for two modules on one day gives two equal versions, but for a rare change of attributes.
versions as (
    select distinct on (learner_id, enrolled_date)
        learner_id,
        {{ known_after_lag("enrolled_date", "learners") }} as known_at,
        gender,
        age_band,
        cast(null as text) as nationality_group,
        cast(null as text) as home_language,
        cast(null as text) as preferred_language,
        cast(null as integer) as birth_year,
        education_isced,
        cast(null as integer) as unemployment_months,
        cast(null as boolean) as has_migration_background,
        has_disability,
    from registrations
    order by learner_id, enrolled_date, enrolment_id
)

select * from versions
