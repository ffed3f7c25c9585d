with

forecasts as (
    select * from {{ ref("stg_outlook__forecasts") }}
),

-- The model in force; where nobody names it, the newest that forecast that Monday.
final as (
    select
        scope_kind,
        scope_id,
        definition_id,
        model_version,
        learners_count,
        heads_missing,
        listed_count,
        completers_expected_count,
        expected_share,
        low_share,
        high_share,
        chance_target_holds,
        listed_matter_share,
        chance_if_listed_placed,
        as_of_date,
    from forecasts
    where as_of_date <= date '{{ var("as_of") }}'
    qualify
        row_number() over (
            partition by scope_kind, scope_id, as_of_date
            order by model_version = '{{ var("model_version") }}' desc, model_version desc
        ) = 1
)

select * from final
