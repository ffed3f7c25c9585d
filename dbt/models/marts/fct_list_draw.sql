with

draws as (
    select * from {{ ref("stg_outlook__draws") }}
),

targets as (
    select * from {{ ref("fct_enrolment_target") }}
    where target = '{{ var("ranked_by") }}'
),

final as (
    select
        draws.enrolment_id,
        draws.as_of_date as list_date,
        draws.list_owner_id,
        draws.lottery_seed,
        draws.listed_probability,
        draws.is_listed,
        targets.is_positive,
    from draws
    left join targets on draws.enrolment_id = targets.enrolment_id and targets.is_mature
    where draws.as_of_date <= date '{{ var("as_of") }}'
)

select * from final
