{# Segments that all of a cohort share, and those that differ within one. #}
{% macro segments_of_a_cohort() -%}
    {{ return(["campus", "region", "employment_service", "training", "intake_year"]) }}
{%- endmacro %}


{% macro segments_of_a_learner() -%}
    {{ return([
        "internship_partner", "gender", "age_band", "isced_level", "unemployment_duration", "migration_background"
    ]) }}
{%- endmacro %}


{# Counts by cohort and segment, and for the whole school by segment, under every definition, in one pass per scope.
   Over the whole school the settled outcome counts: see mart_placement. #}
{% macro placement_counts(relation) -%}
{%- set scopes = {
    "cohort_id": segments_of_a_learner(),
    "'all'": segments_of_a_cohort() + segments_of_a_learner(),
} -%}
{%- for cohort, kinds in scopes.items() %}
    {%- set keys = ["definition_id"] + (["cohort_id"] if cohort == "cohort_id" else []) %}
    {%- set outcome = "outcome" if cohort == "cohort_id" else "settled_outcome" %}
    select
        definition_id,
        {{ cohort }} as cohort_id,
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
        count(*) filter (where {{ outcome }} = '{{ kind }}') as {{ kind }}_count,
        {%- endfor %}
        cast(
            to_json(histogram(excluded_reason) filter (where excluded_reason is not null)) as text
        ) as excluded_reasons,
        count(*) filter (where is_placed and {{ outcome }} in ('placed', 'immature')) as placed_so_far_count,
        count(*) filter (where {{ outcome }} = 'placed' and is_sustained) as sustained_count,
        count(*) filter (where {{ outcome }} = 'placed' and is_in_field) as in_field_count,
        count(*) filter (where {{ outcome }} = 'placed' and evidence_class = 'register') as register_count,
        max(left_date) filter (where {{ outcome }} = 'placed') as last_left_date,
        max(expected_mature_date) filter (where excluded_reason is null) as mature_date,
        bool_and(cohort_is_mature) as is_settled,
    from {{ relation }}
    group by grouping sets (
        ({{ keys | join(", ") }})
        {%- for kind in kinds %},
        ({{ (keys + [kind]) | join(", ") }})
        {%- endfor %}
    )
    {{ "union all" if not loop.last }}
{%- endfor %}
{%- endmacro %}
