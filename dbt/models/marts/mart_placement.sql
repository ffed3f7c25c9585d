with

exits as (
    select * from {{ ref("int_enrolment_exits") }}
),

outcomes as (
    select * from {{ ref("int_enrolment_outcome") }}
),

segments as (
    select * from {{ ref("int_enrolment_segments") }}
),

outcome_definitions as (
    select * from {{ ref("dim_outcome_definition") }}
    {%- if not feeding_systems("outcome_events") %}
    where false
    {%- endif %}
),

cohorts as (
    select * from {{ ref("dim_cohort") }}
),

in_field_rules as (
    select max(in_field_rule_version) as in_field_rule_version
    from {{ ref("in_field_rules") }}
    where valid_from <= date '{{ var("as_of") }}'
),

members as (
    select
        exits.*,
        segments.campus,
        segments.region,
        segments.employment_service,
        segments.training,
        segments.intake_year,
        segments.internship_partner,
        segments.gender,
        segments.age_band,
        segments.isced_level,
        segments.unemployment_duration,
        segments.migration_background,
        outcome_definitions.definition_id,
        outcomes.outcome,
        outcomes.excluded_reason,
        coalesce(outcomes.is_placed, false) as is_placed,
        outcomes.is_sustained,
        outcomes.is_in_field,
        outcomes.evidence_class,
        outcomes.waited_days,
        outcomes.is_event,
        coalesce(
            outcomes.mature_date, {{ window_end("exits.end_date") }} + outcome_definitions.reporting_lag_days
        ) as expected_mature_date,
        bool_and(exits.has_left and outcomes.outcome <> 'immature') over (
            partition by exits.cohort_id, outcome_definitions.definition_id
        ) as cohort_is_mature,
    from exits
    inner join segments on exits.enrolment_id = segments.enrolment_id
    cross join outcome_definitions
    left join outcomes
        on
            exits.enrolment_id = outcomes.enrolment_id
            and outcome_definitions.definition_id = outcomes.definition_id
),

-- Over several cohorts only those that are mature count: who leaves early is known first and would weigh too much.
settled as (
    select
        *,
        case
            when cohort_is_mature or outcome = 'excluded' then outcome
            when has_left then 'immature'
        end as settled_outcome,
    from members
),

counted as (
    {{ placement_counts("settled") }}
),

waited as (
    select
        definition_id,
        cohort_id,
        waited_days,
        is_event,
    from members
    where has_left and excluded_reason is null and waited_days is not null
),

curve as (
    {{ kaplan_meier("waited", ["definition_id", "cohort_id"]) }}
),

followed as (
    select
        definition_id,
        cohort_id,
        max(waited_days) as followed_days,
    from waited
    group by definition_id, cohort_id
),

provisional as (
    select
        followed.definition_id,
        followed.cohort_id,
        followed.followed_days,
        coalesce(max(curve.placed_share), 0) as placed_share,
    from followed
    left join curve
        on followed.definition_id = curve.definition_id and followed.cohort_id = curve.cohort_id
    group by followed.definition_id, followed.cohort_id, followed.followed_days
),

summed as (
    select
        counted.*,
        counted.placed_count + counted.not_placed_count + counted.unknown_count as eligible_count,
        counted.is_settled or counted.cohort_id = 'all' as is_settled_scope,
        case
            when counted.segment_kind = 'all' and not counted.is_settled then provisional.placed_share
        end as km_share,
        case
            when counted.segment_kind = 'all' and not counted.is_settled then provisional.followed_days
        end as km_days,
    from counted
    left join provisional
        on counted.definition_id = provisional.definition_id and counted.cohort_id = provisional.cohort_id
),

rated as (
    select
        *,
        case when cohort_id = 'all' then eligible_count else eligible_count + immature_count end as expected_count,
        case when cohort_id = 'all' then placed_count else placed_so_far_count end as expected_placed_count,
        is_settled_scope and eligible_count > 0 as is_mature,
        case when is_settled_scope then nullif(eligible_count, 0) end as shown_count,
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
        rated.excluded_reasons,
        in_field_rules.in_field_rule_version,
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
                and coalesce(rated.last_left_date, date '0001-01-01')
                + {{ sustained_days() | last }} + outcome_definitions.reporting_lag_days <= date '{{ var("as_of") }}'
                then cast(rated.sustained_count as integer)
        end as sustained_count,
        case
            when outcome_definitions.is_in_force
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
        rated.km_share as km_share_provisional,
        cast(rated.km_days as integer) as km_followed_days,
        rated.register_count / nullif(rated.placed_count, 0) as register_evidence_share,
        case when outcome_definitions.is_in_force then cast({{ var("target_rate") }} as double) end as target_share,
        rated.is_mature,
        outcome_definitions.is_in_force as definition_is_in_force,
        outcome_definitions.is_verified as definition_is_verified,
        cohorts.start_date,
        case when rated.cohort_id <> 'all' then rated.mature_date end as mature_date,
    from rated
    inner join outcome_definitions on rated.definition_id = outcome_definitions.definition_id
    cross join in_field_rules
    left join cohorts on rated.cohort_id = cohorts.cohort_id
)

select * from final
