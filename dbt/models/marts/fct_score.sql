with

scores as (
    select * from {{ ref("stg_outlook__scores") }}
),

final as (
    select
        enrolment_id,
        target,
        model_version,
        basis,
        reason_1_code,
        reason_2_code,
        reason_3_code,
        strength_1_code,
        not_scored_reason,
        score_probability,
        probability_low,
        probability_high,
        listed_share,
        {{ is_near_cut() }} as is_near_cut,
        as_of_date,
    from scores
    where as_of_date <= date '{{ var("as_of") }}'
)

select * from final
