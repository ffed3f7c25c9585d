with

cohorts as (
    select * from {{ ref("cohorts") }}
),

final as (
    select
        cohort_id,
        training_id,
        campus,
        region,
        employment_service,
        start_date,
        training_end_date,
        internship_end_date,
    from cohorts
    qualify row_number() over (partition by cohort_id order by known_at desc) = 1
)

select * from final
