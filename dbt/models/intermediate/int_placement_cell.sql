{{ config(
    materialized="kept_rows",
    pre_hook="{{ forget_changed_rows(
        placement_inputs(
            ref('int_enrolment_exits'), ref('int_enrolment_segments'), ref('int_enrolment_outcome'),
            ref('outcome_definitions')
        ), ['cohort_id', 'definition_id']
    ) }}",
) }}
with

exits as (
    select * from {{ ref("int_enrolment_exits") }}
),

segments as (
    select * from {{ ref("int_enrolment_segments") }}
),

outcomes as (
    select * from {{ ref("int_enrolment_outcome") }}
),

outcome_definitions as (
    select * from {{ ref("outcome_definitions") }}
),

inputs as (
    {{ placement_inputs("exits", "segments", "outcomes", "outcome_definitions") }}
),

changed as (
    {{ missing_rows("inputs", ["cohort_id", "definition_id"], among="segment_kind = 'all'") }}
),

members as (
    select
        exits.*,
        {%- for kind in segments_of_a_learner() %}
        segments.{{ kind }},
        {%- endfor %}
        outcome_definitions.definition_id,
        outcomes.outcome,
        outcomes.excluded_reason,
        coalesce(outcomes.is_placed, false) as is_placed,
        outcomes.is_sustained,
        outcomes.is_in_field,
        outcomes.evidence_class,
        outcomes.waited_days,
        coalesce(
            outcomes.mature_date, {{ window_end("exits.end_date") }} + outcome_definitions.reporting_lag_days
        ) as expected_mature_date,
    from changed
    inner join exits on changed.cohort_id = exits.cohort_id
    inner join segments on exits.enrolment_id = segments.enrolment_id
    inner join outcome_definitions on changed.definition_id = outcome_definitions.definition_id
    left join outcomes
        on exits.enrolment_id = outcomes.enrolment_id and changed.definition_id = outcomes.definition_id
),

counted as (
    {{ placement_counts("members") }}
),

-- Settled: nobody of the cohort is in training or in the window. Asked of the counts, because a second look at the
-- members would have them all kept at once.
settled as (
    select
        *,
        max(in_training_count + immature_count) over (partition by definition_id, cohort_id) = 0 as is_settled,
    from counted
),

final as (
    select
        settled.cohort_id,
        settled.definition_id,
        settled.segment_kind,
        settled.segment_value,
        {%- for kind in segments_of_a_cohort() %}
        changed.{{ kind }},
        {%- endfor %}
        {%- for count in counts_of_everybody() + counts_of_the_settled() %}
        settled.{{ count }}_count,
        {%- endfor %}
        settled.followed_days,
        settled.is_settled,
        settled.last_left_date,
        settled.mature_date,
        changed.inputs_hash,
    from settled
    inner join changed on settled.definition_id = changed.definition_id and settled.cohort_id = changed.cohort_id
)

select * from final
