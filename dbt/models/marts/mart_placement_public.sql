with

outcome_definitions as (
    select * from {{ ref("dim_outcome_definition") }}
),

-- Three people more than a definition asks for: counts are rounded to fives.
placement as (
    select
        placement.definition_id,
        placement.as_of_date,
        placement.segment_kind,
        placement.segment_value,
        placement.eligible_count,
        placement.placed_count,
        placement.placed_count + placement.unknown_count as placed_or_unknown_count,
        greatest(23, outcome_definitions.min_denominator_count + 3) as least_people_count,
    from {{ ref("mart_placement") }} as placement
    inner join outcome_definitions on placement.definition_id = outcome_definitions.definition_id
    where
        placement.cohort_id = 'all'
        and placement.segment_kind in (
            'all', 'campus', 'training', 'intake_year', 'gender', 'age_band', 'isced_level', 'unemployment_duration',
            'migration_background'
        )
),

cells as (
    {{ public_cells(
        "placement", ["definition_id", "as_of_date"], ["eligible_count", "placed_count", "placed_or_unknown_count"],
        least_people="least_people_count"
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
        outcome_definitions.is_verified as definition_is_verified,
    from cells
    inner join outcome_definitions on cells.definition_id = outcome_definitions.definition_id
)

select * from final
