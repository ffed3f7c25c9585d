{{ config(materialized="ephemeral") }}

{%- set attendance_counts = ["planned_half_days_count", "attended_half_days_count", "late_count", "unexcused_count"] %}
{%- set activity_counts = ["active_days_count", "action_count"] %}
{%- set result_counts = [
    "handed_in_count", "handed_in_of_due_count", "late_hand_in_count", "scored_count", "score_hundredths",
    "lead_hundredths_beside_peers", "scored_weeks", "score_hundredths_weeks_beside_peers",
] %}

with

panel_runs as (
    select * from {{ ref("int_panel_runs") }}
),

enrolment_versions as (
    select * from {{ ref("int_enrolment_versions") }}
),

-- Not materialized: each reading then skips the weeks that cannot matter to it, and the cost stays that of one week.
attendance_weeks as not materialized (
    select * from {{ ref("int_attendance_weeks") }}
),

activity_weeks as not materialized (
    select * from {{ ref("int_activity_weeks") }}
),

assessment_result_weeks as (
    select * from {{ ref("int_assessment_result_weeks") }}
),

mondays as (
    select
        enrolment_id,
        counted_to_week,
        cast(unnest(range(from_week, to_week + 1)) as integer) as week,
    from panel_runs
),

uncounted as (
    select enrolment_id from panel_runs
    where counted_to_week = 0
),

{% for family in ["attendance", "activity"] -%}
-- What is new since the kept counts, or still lies in a moving window; what was known ahead of such a window; and all
-- there is where nothing was kept. Three readings, because on an "or" no kept week could be skipped.
{{ family }}_news as (
    select
        *,
        greatest(week_happened, week_known) as counted_from_week,
    from (
        select * from {{ family }}_weeks
        where
            week_known > {{ last_built_week() }} - 3
            and (week_known > {{ last_built_week() }} or week_happened > {{ last_built_week() }} - 3)
        union all
        select * from {{ family }}_weeks
        where week_known <= {{ last_built_week() }} - 3 and week_happened > {{ last_built_week() }} - 3
        union all
        select weeks.* from {{ family }}_weeks as weeks
        semi join uncounted on weeks.enrolment_id = uncounted.enrolment_id
        where weeks.week_known <= {{ last_built_week() }} and weeks.week_happened <= {{ last_built_week() }} - 3
    ) as news
),

{% endfor -%}

attendance as (
    select
        mondays.enrolment_id,
        mondays.week,
        {%- for count in attendance_counts %}
        {{ count_where("counted_from_week > mondays.counted_to_week", count) }} as {{ count }},
        {{ count_where("week_happened > mondays.week - 4", count) }} as {{ count }}_4w,
        {%- endfor %}
    from attendance_news
    inner join mondays
        on
            attendance_news.enrolment_id = mondays.enrolment_id
            and attendance_news.counted_from_week <= mondays.week
    group by mondays.enrolment_id, mondays.week
),

activity as (
    select
        mondays.enrolment_id,
        mondays.week,
        {%- for count in activity_counts %}
        {{ count_where("counted_from_week > mondays.counted_to_week", count) }} as {{ count }},
        {{ count_where("week_happened > mondays.week - 4", count) }} as {{ count }}_4w,
        {{ count_where(
            "counted_from_week > mondays.counted_to_week and week_happened <= " ~ week_of("enrolment_versions.start_date"),
            count,
        ) }} as pre_start_{{ count }},
        {%- endfor %}
        {{ count_where("week_happened > mondays.week - 1", "active_days_count") }} as active_days_count_1w,
        {{ count_where("week_happened > mondays.week - 2", "active_days_count") }} as active_days_count_2w,
    from activity_news
    inner join mondays
        on activity_news.enrolment_id = mondays.enrolment_id and activity_news.counted_from_week <= mondays.week
    inner join enrolment_versions
        on
            mondays.enrolment_id = enrolment_versions.enrolment_id
            and mondays.week >= enrolment_versions.from_week
            and mondays.week < enrolment_versions.to_week
    group by mondays.enrolment_id, mondays.week
),

results as (
    select
        mondays.enrolment_id,
        mondays.week,
        {%- for count in result_counts %}
        cast(sum(assessment_result_weeks.{{ count }}) as integer) as {{ count }},
        {%- endfor %}
    from assessment_result_weeks
    inner join mondays
        on
            assessment_result_weeks.enrolment_id = mondays.enrolment_id
            and assessment_result_weeks.week_visible > mondays.counted_to_week
            and assessment_result_weeks.week_visible <= mondays.week
    group by mondays.enrolment_id, mondays.week
),

final as (
    select
        mondays.enrolment_id,
        mondays.counted_to_week,
        mondays.week,
        {%- for count in attendance_counts %}
        coalesce(attendance.{{ count }}, 0) as {{ count }},
        coalesce(attendance.{{ count }}_4w, 0) as {{ count }}_4w,
        {%- endfor %}
        {%- for count in activity_counts %}
        coalesce(activity.{{ count }}, 0) as {{ count }},
        coalesce(activity.{{ count }}_4w, 0) as {{ count }}_4w,
        coalesce(activity.pre_start_{{ count }}, 0) as pre_start_{{ count }},
        {%- endfor %}
        coalesce(activity.active_days_count_1w, 0) as active_days_count_1w,
        coalesce(activity.active_days_count_2w, 0) as active_days_count_2w,
        {%- for count in result_counts %}
        coalesce(results.{{ count }}, 0) as {{ count }},
        {%- endfor %}
    from mondays
    left join attendance on mondays.enrolment_id = attendance.enrolment_id and mondays.week = attendance.week
    left join activity on mondays.enrolment_id = activity.enrolment_id and mondays.week = activity.week
    left join results on mondays.enrolment_id = results.enrolment_id and mondays.week = results.week
)

select * from final
