with

exits as (
    select * from {{ ref("int_enrolment_exits") }}
),

segments as (
    select * from {{ ref("int_enrolment_segments") }}
),

outcomes as (
    select
        enrolment_id,
        definition_id,
        cohort_id,
        outcome,
        excluded_reason,
        is_placed,
        is_sustained,
        is_in_field,
        evidence_class,
        waited_days,
        mature_date,
    from {{ ref("int_enrolment_outcome") }}
),

outcome_definitions as (
    select * from {{ ref("outcome_definitions") }}
    {%- if not feeding_systems("outcome_events") %}
    where false
    {%- endif %}
),

exits_hashed as (
    select
        *,
        hash(exits) as exit_hash,
    from exits
),

segments_hashed as (
    select
        *,
        hash(segments) as segments_hash,
    from segments
),

people as (
    select
        exits_hashed.*,
        {%- for kind in segments_of_a_cohort() + segments_of_a_learner() %}
        segments_hashed.{{ kind }},
        {%- endfor %}
        hash(exits_hashed.exit_hash, segments_hashed.segments_hash) as person_hash,
    from exits_hashed
    inner join segments_hashed on exits_hashed.enrolment_id = segments_hashed.enrolment_id
),

cohorts as (
    select
        cohort_id,
        {%- for kind in segments_of_a_cohort() %}
        min({{ kind }}) as {{ kind }},
        {%- endfor %}
        bit_xor(person_hash) as people_hash,
    from people
    group by cohort_id
),

outcome_hashes as (
    select
        cohort_id,
        definition_id,
        bit_xor(hash(outcomes)) as outcomes_hash,
    from outcomes
    group by cohort_id, definition_id
),

-- All that a cohort's cells are counted from, as one number: as long as it stays, so do they.
hashed as (
    select
        cohorts.cohort_id,
        outcome_definitions.definition_id,
        hash(cohorts.people_hash, outcome_hashes.outcomes_hash) as inputs_hash,
    from cohorts
    cross join outcome_definitions
    left join outcome_hashes
        on
            cohorts.cohort_id = outcome_hashes.cohort_id
            and outcome_definitions.definition_id = outcome_hashes.definition_id
),

changed as (
    {{ changed_rows("hashed", ["cohort_id", "definition_id"]) }}
),

members as (
    select
        people.*,
        outcome_definitions.definition_id,
        outcomes.outcome,
        outcomes.excluded_reason,
        coalesce(outcomes.is_placed, false) as is_placed,
        outcomes.is_sustained,
        outcomes.is_in_field,
        outcomes.evidence_class,
        outcomes.waited_days,
        coalesce(
            outcomes.mature_date, {{ window_end("people.end_date") }} + outcome_definitions.reporting_lag_days
        ) as expected_mature_date,
    from changed
    inner join people on changed.cohort_id = people.cohort_id
    inner join outcome_definitions on changed.definition_id = outcome_definitions.definition_id
    left join outcomes
        on people.enrolment_id = outcomes.enrolment_id and changed.definition_id = outcomes.definition_id
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
        cohorts.{{ kind }},
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
    inner join cohorts on settled.cohort_id = cohorts.cohort_id
)

select * from final
{{ and_carried_rows("hashed", ["cohort_id", "definition_id"]) }}
