with

placement as (
    select
        definition_id,
        as_of_date,
        segment_kind,
        segment_value,
        definition_is_verified,
        eligible_count,
        placed_count,
        placed_count + unknown_count as placed_or_unknown_count,
    from {{ ref("mart_placement") }}
    where
        cohort_id = 'all'
        and segment_kind in (
            'all', 'campus', 'training', 'intake_year', 'gender', 'age_band', 'isced_level', 'unemployment_duration',
            'migration_background'
        )
),

definitions as (
    select
        definition_id,
        bool_and(definition_is_verified) as definition_is_verified,
    from placement
    group by definition_id
),

cells as (
    {{ public_cells(
        "placement", ["definition_id", "as_of_date"], ["eligible_count", "placed_count", "placed_or_unknown_count"]
    ) }}
),

final as (
    select
        cells.definition_id,
        cells.segment_kind,
        cells.segment_value,
        cells.as_of_date,
        cells.eligible_count as eligible_count_rounded,
        cells.placed_count as placed_count_rounded,
        cells.placed_or_unknown_count as placed_or_unknown_count_rounded,
        least(1, cells.placed_count / cells.eligible_count) as placed_share_lower_rounded,
        least(1, cells.placed_or_unknown_count / cells.eligible_count) as placed_share_upper_rounded,
        definitions.definition_is_verified,
    from cells
    inner join definitions on cells.definition_id = definitions.definition_id
)

select * from final
