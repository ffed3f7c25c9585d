with

outcome_definitions as (
    select * from {{ ref("outcome_definitions") }}
),

final as (
    select
        definition_id,
        title,
        measure,
        window_count,
        window_unit,
        min_days_count,
        min_hours_pct,
        counts_self_employed,
        counts_agency,
        counts_subsidised,
        counts_school_hired,
        counts_further_training,
        is_in_field_required,
        denominator,
        excludes_re_enrolled,
        excludes_other_aims,
        reporting_lag_days,
        min_denominator_count,
        is_verified,
        source,
        note,
        definition_id = '{{ var("definition_id") }}' as is_in_force,
    from outcome_definitions
)

select * from final
