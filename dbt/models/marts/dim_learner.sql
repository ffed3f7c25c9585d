with

learners as (
    select * from {{ ref("learners") }}
),

profiling_objections as (
    select * from {{ ref("profiling_objections") }}
),

latest as (
    select * from learners
    qualify row_number() over (partition by learner_id order by known_at desc) = 1
),

latest_objections as (
    select * from profiling_objections
    qualify row_number() over (partition by learner_id order by known_at desc, objection_id asc) = 1
),

final as (
    select
        latest.learner_id,
        latest.education_isced,
        latest.unemployment_months,
        coalesce(latest_objections.has_objection, false) as has_profiling_objection,
    from latest
    left join latest_objections on latest.learner_id = latest_objections.learner_id
)

select * from final
