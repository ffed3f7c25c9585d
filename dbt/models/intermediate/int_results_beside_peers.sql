{{ config(materialized="ephemeral") }}

{%- set counts = [
    "scored_count", "score_hundredths", "lead_hundredths_beside_peers", "scored_weeks",
    "score_hundredths_weeks_beside_peers",
] %}

with

{% if carries_on() -%}
all_results as not materialized (
    select * from {{ ref("assessment_results") }}
),

-- The pieces of work of which a result became known, or began to count, since the last build.
moving as (
    select assessment_id from all_results
    where {{ is_newly_known() }}
    union
    select assessment_id from all_results
    where greatest(due_date, submitted_date) >= date '{{ var("previous_as_of") }}'
),

assessment_results as (
    select all_results.* from all_results
    semi join moving on all_results.assessment_id = moving.assessment_id
),
{%- else -%}
assessment_results as (
    select * from {{ ref("assessment_results") }}
),
{%- endif %}

enrolment_versions as (
    select * from {{ ref("int_enrolment_versions") }}
),

-- Only pieces of work with a correction are looked at, whichever version carries the mark: rows may land in any order.
corrected as (
    select
        enrolment_id,
        assessment_id,
    from assessment_results
    where is_correction
),

replaced as (
    select
        facts.enrolment_id,
        facts.assessment_id,
        facts.known_at_utc,
        lead({{ visible_week("cast(facts.known_at as date)") }}) over (
            partition by facts.enrolment_id, facts.assessment_id order by facts.known_at_utc
        ) as week_replaced,
    from assessment_results as facts
    semi join corrected
        on facts.enrolment_id = corrected.enrolment_id and facts.assessment_id = corrected.assessment_id
),

versions as (
    select
        facts.enrolment_id,
        facts.assessment_id,
        greatest(
            {{ visible_week("cast(facts.known_at as date)") }},
            {{ visible_week("facts.submitted_date") }},
            {{ visible_week("facts.due_date") }}
        ) as week_counted,
        replaced.week_replaced,
        {{ hand_in_lead_days() }} as lead_days,
        {{ score_hundredths() }} as score_hundredths,
    from assessment_results as facts
    left join replaced
        on
            facts.enrolment_id = replaced.enrolment_id
            and facts.assessment_id = replaced.assessment_id
            and facts.known_at_utc = replaced.known_at_utc
),

counted as (
    select * from versions
    where week_replaced is null or week_replaced > week_counted
),

-- What a result is set beside: the mean of all that had begun to count of the same piece of work by the week from which
-- it counts itself. That never moves afterwards, so that it can be added, and taken off again, like any other count.
-- Of marks on two scales there is none: such a result counts as handed in and not marked.
peers as (
    select
        assessment_id,
        week_counted,
        sum(sum(lead_days)) over so_far / sum(count(lead_days)) over so_far as lead_days,
        sum(count_if({{ is_on_either_scale("score_hundredths") }})) over so_far
        / sum(count(score_hundredths)) over so_far as either_scale_share,
        case
            when either_scale_share < {{ two_scales_share() }}
                then sum(sum(score_hundredths)) over so_far / sum(count(score_hundredths)) over so_far
        end as score_hundredths,
    from counted
    group by assessment_id, week_counted
    window so_far as (partition by assessment_id order by week_counted)
),

distances as (
    select
        counted.enrolment_id,
        counted.week_counted,
        counted.week_replaced,
        round(100 * (counted.lead_days - peers.lead_days)) as lead_hundredths_beside_peers,
        case when peers.score_hundredths is not null then counted.score_hundredths end as score_hundredths,
        round(counted.score_hundredths - peers.score_hundredths) as score_hundredths_beside_peers,
    from counted
    inner join peers
        on counted.assessment_id = peers.assessment_id and counted.week_counted = peers.week_counted
),

-- A score weighs by the week of training in which it begins to count, by the start that was known then: a start that
-- moves later would take off another number than was added.
weighed as (
    select
        distances.*,
        greatest(
            1, coalesce(({{ monday_of("distances.week_counted") }} - enrolment_versions.start_date) // 7, 1)
        ) as week_of_training,
    from distances
    left join enrolment_versions
        on
            distances.enrolment_id = enrolment_versions.enrolment_id
            and distances.week_counted >= enrolment_versions.from_week
            and distances.week_counted < enrolment_versions.to_week
),

beside as (
    select
        enrolment_id,
        week_counted,
        week_replaced,
        cast(score_hundredths is not null as integer) as scored_count,
        coalesce(score_hundredths, 0) as score_hundredths,
        cast(coalesce(lead_hundredths_beside_peers, 0) as integer) as lead_hundredths_beside_peers,
        cast(scored_count * week_of_training as integer) as scored_weeks,
        cast(
            coalesce(score_hundredths_beside_peers * week_of_training, 0) as integer
        ) as score_hundredths_weeks_beside_peers,
    from weighed
),

changes as (
    select
        enrolment_id,
        week_counted as week_visible,
        {%- for count in counts %}
        {{ count }},
        {%- endfor %}
    from beside
    union all
    select
        enrolment_id,
        week_replaced as week_visible,
        {%- for count in counts %}
        -{{ count }} as {{ count }},
        {%- endfor %}
    from beside
    where week_replaced is not null
),

-- Work due later waits for the build of that week: until then nobody knows what it will be set beside.
final as (
    select * from changes
    where
        week_visible <= {{ as_of_week() }}
        and {% if carries_on() %}week_visible > {{ last_built_week() }}{% else %}true{% endif %}
)

select * from final
