with

learners as (
    select * from {{ ref("learners") }}
),

final as (
    select
        learner_id,
        education_isced,
        unemployment_months,
    from learners
    qualify row_number() over (partition by learner_id order by known_at desc) = 1
)

select * from final
