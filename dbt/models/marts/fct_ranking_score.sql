with

scores as (
    select * from {{ ref("fct_score") }}
    where target = '{{ var("ranked_by") }}'
),

-- One model ranks a Monday: on this one the model in force, where somebody names it; else the newest that scored it.
final as (
    select
        enrolment_id,
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
        is_near_cut,
        as_of_date,
    from scores
    where
        as_of_date < date '{{ var("as_of") }}'
        or model_version = coalesce(nullif('{{ var("model_version") }}', ''), model_version)
    qualify rank() over (partition by as_of_date order by model_version desc) = 1
)

select * from final
