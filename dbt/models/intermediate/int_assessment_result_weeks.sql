{{ config(materialized="kept_rows") }}

with

assessment_results as (
    select * from {{ ref("assessment_results") }}
),

results_beside_peers as (
    select * from {{ ref("int_results_beside_peers") }}
),

replaced as (
    {{ superseded_versions("assessment_results", ["enrolment_id", "assessment_id"]) }}
),

-- What a correction replaced is taken off again from the week in which the correction was known.
changes as (
    select
        enrolment_id,
        submitted_date,
        due_date,
        {{ visible_week("cast(known_at as date)") }} as week_known,
        1 as sign,
    from assessment_results
    where {{ is_newly_known() }}
    union all
    select
        enrolment_id,
        submitted_date,
        due_date,
        {{ visible_week("cast(replaced_at as date)") }} as week_known,
        -1 as sign,
    from replaced
),

handed_in as (
    select
        enrolment_id,
        week_known,
        greatest(week_known, {{ visible_week("submitted_date") }}) as week_visible,
        sign as handed_in_count,
        0 as handed_in_of_due_count,
        case when submitted_date > due_date then sign else 0 end as late_hand_in_count,
        0 as scored_count,
        0 as score_hundredths,
        0 as lead_hundredths_beside_peers,
        0 as scored_weeks,
        0 as score_hundredths_weeks_beside_peers,
    from changes
    where submitted_date is not null
),

due as (
    select
        enrolment_id,
        week_known,
        greatest(week_known, {{ visible_week("submitted_date") }}, {{ visible_week("due_date") }}) as week_visible,
        0 as handed_in_count,
        case when submitted_date is not null and due_date is not null then sign else 0 end as handed_in_of_due_count,
        0 as late_hand_in_count,
        0 as scored_count,
        0 as score_hundredths,
        0 as lead_hundredths_beside_peers,
        0 as scored_weeks,
        0 as score_hundredths_weeks_beside_peers,
    from changes
),

-- A score counts from the due date on, when all of the cohort could have handed in.
beside_peers as (
    select
        enrolment_id,
        week_visible as week_known,
        week_visible,
        0 as handed_in_count,
        0 as handed_in_of_due_count,
        0 as late_hand_in_count,
        scored_count,
        score_hundredths,
        lead_hundredths_beside_peers,
        scored_weeks,
        score_hundredths_weeks_beside_peers,
    from results_beside_peers
),

parts as (
    select * from handed_in
    union all
    select * from due
    union all
    select * from beside_peers
),

-- As doubles, which hold whole numbers as well: DuckDB keeps a sum of integers in 128 bits, and the groups would spill.
final as (
    select
        enrolment_id,
        week_visible,
        week_known,
        {%- for count in ["handed_in_count", "handed_in_of_due_count", "late_hand_in_count", "scored_count"] %}
        cast(sum(cast({{ count }} as double)) as smallint) as {{ count }},
        {%- endfor %}
        {%- for total in [
            "score_hundredths", "lead_hundredths_beside_peers", "scored_weeks", "score_hundredths_weeks_beside_peers",
        ] %}
        cast(sum(cast({{ total }} as double)) as integer) as {{ total }},
        {%- endfor %}
    from parts
    group by all
)

select * from final
