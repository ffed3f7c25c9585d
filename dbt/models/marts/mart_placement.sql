{{ config(
    materialized="kept_rows",
    pre_hook=[
        "{{ forget_changed_rows(
            final_cells(ref('int_placement_cell'), ref('outcome_definitions')), ['cohort_id', 'definition_id'],
            is_final='in_field_rule_version = ' ~ in_field_rule_on(ref('in_field_rules'), var('as_of'))
        ) }}",
        "{{ restamp_rows('as_of_date') }}",
    ],
) }}
with

cells as (
    select * from {{ ref("int_placement_cell") }}
),

curves as (
    select * from {{ ref("mart_time_to_job") }}
    where group_kind = 'cohort'
),

outcome_definitions as (
    select * from {{ ref("dim_outcome_definition") }}
),

cohorts as (
    select * from {{ ref("dim_cohort") }}
),

in_field_rules as (
    select * from {{ ref("in_field_rules") }}
),

-- The whole school, and the cohorts whose rates are not final or have changed.
counted as (
    {{ missing_rows("cells", ["definition_id", "cohort_id"], among="segment_kind = 'all'") }}
    union all by name
    {{ school_counts("cells") }}
),

provisional as (
    select
        definition_id,
        group_value as cohort_id,
        max(placed_share) as placed_share,
    from curves
    group by definition_id, group_value
),

summed as (
    select
        counted.*,
        counted.placed_count + counted.not_placed_count + counted.unknown_count as eligible_count,
        counted.segment_kind = 'all' and not counted.is_settled and counted.followed_days is not null
            as has_curve,
        coalesce(provisional.placed_share, 0) as placed_share,
    from counted
    left join provisional
        on counted.definition_id = provisional.definition_id and counted.cohort_id = provisional.cohort_id
),

rated as (
    select
        *,
        case when cohort_id = 'all' then eligible_count else eligible_count + immature_count end as expected_count,
        case when cohort_id = 'all' then placed_count else placed_so_far_count end as expected_placed_count,
        is_settled and eligible_count > 0 as is_mature,
        case when is_settled then nullif(eligible_count, 0) end as shown_count,
    from summed
),

final as (
    select
        rated.cohort_id,
        rated.definition_id,
        rated.segment_kind,
        rated.segment_value,
        date '{{ var("as_of") }}' as as_of_date,
        cohorts.training_id,
        cohorts.campus,
        nullif(
            '{' || concat_ws(
                ','
                {%- for reason in reasons_of_exclusion() %},
                case when rated.{{ reason }}_count > 0 then '"{{ reason }}":' || rated.{{ reason }}_count end
                {%- endfor %}
            ) || '}',
            '{}'
        ) as excluded_reasons,
        {{ in_field_rule_on("in_field_rules", var("as_of")) }} as in_field_rule_version,
        '{{ var("fingerprint", "") }}' as build_fingerprint,
        {%- for count in [
            "started", "completed", "failed", "left_early", "in_training", "leaver", "excluded", "eligible", "placed",
            "not_placed", "unknown", "immature", "placed_so_far", "in_field"
        ] %}
        cast(rated.{{ count }}_count as integer) as {{ count }}_count,
        {%- endfor %}
        case
            when
                rated.is_mature
                and {{ is_sustained_known("rated", var("as_of")) }}
                then cast(rated.sustained_count as integer)
        end as sustained_count,
        case
            when outcome_definitions.is_in_force and rated.expected_count > 0
                then cast(
                    greatest(
                        0,
                        ceil({{ var("target_rate") }} * rated.expected_count - 1e-9) - rated.expected_placed_count
                    ) as integer
                )
        end as heads_to_target,
        rated.placed_count / rated.shown_count as placed_share_lower,
        (rated.placed_count + rated.unknown_count) / rated.shown_count as placed_share_upper,
        {{ wilson("rated.placed_count", "rated.shown_count", "low") }} as wilson_low,
        {{ wilson("(rated.placed_count + rated.unknown_count)", "rated.shown_count", "high") }} as wilson_high,
        case
            when rated.is_mature then rated.placed_count / nullif(rated.placed_count + rated.not_placed_count, 0)
        end as placed_share_known_only,
        case when rated.has_curve then rated.placed_share end as km_share_provisional,
        case when rated.has_curve then cast(rated.followed_days as integer) end as km_followed_days,
        rated.register_count / nullif(rated.placed_count, 0) as register_evidence_share,
        case when outcome_definitions.is_in_force then cast({{ var("target_rate") }} as double) end as target_share,
        rated.is_mature,
        outcome_definitions.is_in_force as definition_is_in_force,
        outcome_definitions.is_verified as definition_is_verified,
        rated.inputs_hash,
        cohorts.start_date,
        case when rated.cohort_id <> 'all' then rated.mature_date end as mature_date,
    from rated
    inner join outcome_definitions on rated.definition_id = outcome_definitions.definition_id
    left join cohorts on rated.cohort_id = cohorts.cohort_id
)

select * from final
