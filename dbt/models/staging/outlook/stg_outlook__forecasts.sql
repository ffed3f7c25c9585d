with

forecasts as (
    select * from {{ source("outlook", "forecasts") }}
),

renamed as (
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
        cast(as_of_date as date) as as_of_date,
    from forecasts
)

select * from renamed
