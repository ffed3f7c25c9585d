with

outcomes as (
    select * from {{ ref("int_enrolment_outcome") }}
    where excluded_reason is null and waited_days is not null
),

segments as (
    select * from {{ ref("int_enrolment_segments") }}
),

outcome_definitions as (
    select * from {{ ref("dim_outcome_definition") }}
),

waiting as (
    select
        outcomes.definition_id,
        'cohort' as group_kind,
        outcomes.cohort_id as group_value,
        outcomes.waited_days,
        outcomes.is_event,
    from outcomes
    union all
    select
        outcomes.definition_id,
        'intake_year' as group_kind,
        segments.intake_year as group_value,
        outcomes.waited_days,
        outcomes.is_event,
    from outcomes
    inner join segments on outcomes.enrolment_id = segments.enrolment_id
    union all
    select
        outcomes.definition_id,
        'all' as group_kind,
        'all' as group_value,
        outcomes.waited_days,
        outcomes.is_event,
    from outcomes
),

curve as (
    {{ kaplan_meier("waiting", ["definition_id", "group_kind", "group_value"]) }}
),

followed as (
    select
        definition_id,
        group_kind,
        group_value,
        max(waited_days) as followed_days,
    from waiting
    group by definition_id, group_kind, group_value
),

final as (
    select
        curve.definition_id,
        curve.group_kind,
        curve.group_value,
        date '{{ var("as_of") }}' as as_of_date,
        cast(curve.waited_days as integer) as waited_days,
        cast(followed.followed_days as integer) as followed_days,
        cast(curve.at_risk_count as integer) as at_risk_count,
        cast(curve.event_count as integer) as event_count,
        curve.placed_share,
        curve.placed_share_low,
        curve.placed_share_high,
        outcome_definitions.is_verified as definition_is_verified,
    from curve
    inner join followed
        on
            curve.definition_id = followed.definition_id
            and curve.group_kind = followed.group_kind
            and curve.group_value = followed.group_value
    inner join outcome_definitions on curve.definition_id = outcome_definitions.definition_id
)

select * from final
