with

enrolment_versions as (
    select * from {{ ref("int_enrolment_versions") }}
),

final as (
    select
        enrolment_id,
        learner_id,
        cohort_id,
        training_id,
        campus,
        prior_attempts_count,
        credits_studied,
        enrolled_date,
        start_date,
        end_date,
    from enrolment_versions
    where to_week = {{ never() }}
)

select * from final
