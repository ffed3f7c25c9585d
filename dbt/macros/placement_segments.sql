{# Segments that all of a cohort share, and those that differ within one. #}
{% macro segments_of_a_cohort() -%}
    {{ return(["campus", "region", "employment_service", "training", "intake_year"]) }}
{%- endmacro %}


{% macro segments_of_a_learner() -%}
    {{ return([
        "internship_partner", "gender", "age_band", "isced_level", "unemployment_duration", "migration_background"
    ]) }}
{%- endmacro %}


{# Why somebody does not count under a definition, in the order in which mart_placement tells them. #}
{% macro reasons_of_exclusion() -%}
    {{ return([
        "deceased", "not_completed", "not_started", "not_without_work_on_entry", "other_aim_on_entry", "re_enrolled"
    ]) }}
{%- endmacro %}


{# Counts of a cell that add up over cohorts, as soon as a cohort has anybody in it. #}
{% macro counts_of_everybody() -%}
    {{ return([
        "started", "completed", "failed", "left_early", "in_training", "leaver", "excluded", "placed_so_far"
    ] + reasons_of_exclusion()) }}
{%- endmacro %}


{# Counts of a cell that add up over the cohorts that are settled. #}
{% macro counts_of_the_settled() -%}
    {{ return(["placed", "not_placed", "unknown", "immature", "sustained", "in_field", "register"]) }}
{%- endmacro %}


{# Every cohort under every definition, with its segments, and with all that its cells are counted from as one number:
   as long as it stays, so do they. #}
{% macro placement_inputs(exits, segments, outcomes, outcome_definitions) -%}
    select
        cohorts.* exclude (people_hash),
        outcome_definitions.definition_id,
        hash(cohorts.people_hash, outcomes_by_cohort.outcomes_hash) as inputs_hash,
    from (
        select
            exits.cohort_id,
            {%- for kind in segments_of_a_cohort() %}
            min(segments.{{ kind }}) as {{ kind }},
            {%- endfor %}
            bit_xor(hash(hash(exits), hash(segments))) as people_hash,
        from {{ exits }} as exits
        inner join {{ segments }} as segments on exits.enrolment_id = segments.enrolment_id
        group by exits.cohort_id
    ) as cohorts
    cross join {{ outcome_definitions }} as outcome_definitions
    left join (
        select
            cohort_id,
            definition_id,
            bit_xor(
                hash(
                    enrolment_id, outcome, excluded_reason, is_placed, is_sustained, is_in_field, evidence_class,
                    waited_days, mature_date
                )
            ) as outcomes_hash,
        from {{ outcomes }}
        group by cohort_id, definition_id
    ) as outcomes_by_cohort
        on
            cohorts.cohort_id = outcomes_by_cohort.cohort_id
            and outcome_definitions.definition_id = outcomes_by_cohort.definition_id
    {%- if not feeding_systems("outcome_events") %}
    where false
    {%- endif %}
{%- endmacro %}


{# Counts by cohort and segment under every definition, in one pass over the members. #}
{% macro placement_counts(members) -%}
{%- set kinds = segments_of_a_learner() %}
    select
        definition_id,
        cohort_id,
        case
            {%- for kind in kinds %}
            when grouping({{ kind }}) = 0 then '{{ kind }}'
            {%- endfor %}
            else 'all'
        end as segment_kind,
        coalesce({{ kinds | join(", ") }}, 'all') as segment_value,
        count(*) filter (where has_started) as started_count,
        count(*) filter (where status = 'completed') as completed_count,
        count(*) filter (where status = 'failed') as failed_count,
        count(*) filter (where status in ('dropped_out', 'excluded')) as left_early_count,
        count(*) filter (where not has_left) as in_training_count,
        count(*) filter (where has_left) as leaver_count,
        {%- for kind in ["excluded", "placed", "not_placed", "unknown", "immature"] %}
        count(*) filter (where outcome = '{{ kind }}') as {{ kind }}_count,
        {%- endfor %}
        {%- for reason in reasons_of_exclusion() %}
        count(*) filter (where excluded_reason = '{{ reason }}') as {{ reason }}_count,
        {%- endfor %}
        count(*) filter (where is_placed and outcome in ('placed', 'immature')) as placed_so_far_count,
        count(*) filter (where outcome = 'placed' and is_sustained) as sustained_count,
        count(*) filter (where outcome = 'placed' and is_in_field) as in_field_count,
        count(*) filter (where outcome = 'placed' and evidence_class = 'register') as register_count,
        max(left_date) filter (where outcome = 'placed') as last_left_date,
        max(expected_mature_date) filter (where excluded_reason is null) as mature_date,
        max(waited_days) filter (where has_left and excluded_reason is null) as followed_days,
    from {{ members }}
    group by grouping sets (
        (definition_id, cohort_id)
        {%- for kind in kinds %},
        (definition_id, cohort_id, {{ kind }})
        {%- endfor %}
    )
{%- endmacro %}


{# The whole school by segment, added up from the cells of its cohorts. Only those that are settled count: who leaves
   early is known first and would weigh too much. #}
{% macro school_counts(cells) -%}
    select
        definition_id,
        'all' as cohort_id,
        segment_kind,
        segment_value,
        {%- for count in counts_of_everybody() %}
        cast(sum({{ count }}_count) as bigint) as {{ count }}_count,
        {%- endfor %}
        {%- for count in counts_of_the_settled() | reject("equalto", "immature") %}
        cast(coalesce(sum({{ count }}_count) filter (where is_settled), 0) as bigint) as {{ count }}_count,
        {%- endfor %}
        cast(coalesce(sum(leaver_count - excluded_count) filter (where not is_settled), 0) as bigint) as immature_count,
        max(last_left_date) filter (where is_settled) as last_left_date,
        true as is_settled,
    from (
        select * from {{ cells }}
        {%- for kind in segments_of_a_cohort() %}
        union all by name
        select * replace ('{{ kind }}' as segment_kind, coalesce({{ kind }}, 'all') as segment_value)
        from {{ cells }}
        where segment_kind = 'all'
        {%- endfor %}
    ) as cells_by_segment
    group by definition_id, segment_kind, segment_value
{%- endmacro %}


{# Whether it can be known by a Monday who of a cell is still at work, a year after the last of them left. #}
{% macro is_sustained_known(cell, as_of) -%}
    coalesce({{ cell }}.last_left_date, date '0001-01-01')
    + {{ sustained_days() | last }} + outcome_definitions.reporting_lag_days <= date '{{ as_of }}'
{%- endmacro %}


{# Cohorts under a definition of which no day that passes changes a rate any more: nor did any since the last build. #}
{% macro final_cells(cells, outcome_definitions) -%}
    select cells.*
    from {{ cells }} as cells
    inner join {{ outcome_definitions }} as outcome_definitions
        on cells.definition_id = outcome_definitions.definition_id
    where
        cells.segment_kind = 'all'
        and cells.is_settled
        and {{ is_sustained_known("cells", var("previous_as_of")) }}
{%- endmacro %}
