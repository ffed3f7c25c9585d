with

scores as (
    select * from {{ source("outlook", "scores") }}
),

renamed as (
    select
        enrolment_id,
        model_version,
        target,
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
        cast(as_of_date as date) as as_of_date,
    from scores
)

select * from renamed
