{{ config(materialized="ephemeral") }}

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
    where due_date >= date '{{ var("previous_as_of") }}'
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

versions as (
    select
        enrolment_id,
        assessment_id,
        greatest(
            {{ visible_week("cast(known_at as date)") }},
            {{ visible_week("submitted_date") }},
            {{ visible_week("due_date") }}
        ) as week_counted,
        lead({{ visible_week("cast(known_at as date)") }}) over (
            partition by enrolment_id, assessment_id order by known_at_utc
        ) as week_replaced,
        {{ hand_in_lead_days() }} as lead_days,
        {{ score_hundredths() }} as score_hundredths,
    from assessment_results
),

counted as (
    select * from versions
    where week_replaced is null or week_replaced > week_counted
),

-- What a result is set beside: the mean of all that had begun to count of the same piece of work by the week from which
-- it counts itself. That never moves afterwards, so that it can be added, and taken off again, like any other count.
peers as (
    select
        assessment_id,
        week_counted,
        sum(sum(lead_days)) over so_far / sum(count(lead_days)) over so_far as lead_days,
        sum(sum(score_hundredths)) over so_far / sum(count(score_hundredths)) over so_far as score_hundredths,
    from counted
    group by assessment_id, week_counted
    window so_far as (partition by assessment_id order by week_counted)
),

beside as (
    select
        counted.enrolment_id,
        counted.week_counted,
        counted.week_replaced,
        coalesce(cast(round(100 * (counted.lead_days - peers.lead_days)) as integer), 0) as lead_hundredths,
        coalesce(
            cast(round(counted.score_hundredths - peers.score_hundredths) as integer), 0
        ) as score_hundredths,
    from counted
    inner join peers
        on counted.assessment_id = peers.assessment_id and counted.week_counted = peers.week_counted
),

changes as (
    select
        enrolment_id,
        week_counted as week_visible,
        lead_hundredths,
        score_hundredths,
    from beside
    union all
    select
        enrolment_id,
        week_replaced as week_visible,
        -lead_hundredths as lead_hundredths,
        -score_hundredths as score_hundredths,
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
