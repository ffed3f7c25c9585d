with

scores as (
    select * from {{ ref("stg_outlook__scores") }}
    where as_of_date <= date '{{ var("as_of") }}'
),

-- One model ranks a Monday: on this one the model in force, where somebody names it; else the newest that scored it.
with_choice as (
    select
        *,
        target = '{{ var("ranked_by") }}' and (
            as_of_date < date '{{ var("as_of") }}'
            or model_version = coalesce(nullif('{{ var("model_version") }}', ''), model_version)
        ) as may_rank,
    from scores
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
        may_rank and model_version = max(model_version) filter (where may_rank) over (partition by as_of_date)
            as is_ranking,
        as_of_date,
    from with_choice
)

select * from final
