with

learners as (
    select * from {{ ref("learners") }}
),

final as (
    select
        learner_id,
        gender,
        nationality_group,
        home_language,
        preferred_language,
        age_band,
        birth_year,
        has_migration_background,
        has_disability,
    from learners
    qualify row_number() over (partition by learner_id order by known_at desc) = 1
)

select * from final
