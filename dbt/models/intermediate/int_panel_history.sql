{{ config(materialized="ephemeral") }}

{%- set attendance_counts = ["planned_half_days_count", "attended_half_days_count", "late_count", "unexcused_count"] %}
{%- set activity_counts = ["active_days_count", "action_count"] %}
{%- set families = [("attendance", attendance_counts), ("activity", activity_counts)] %}
{%- set result_counts = [
    "handed_in_count", "handed_in_of_due_count", "late_hand_in_count", "scored_count", "score_hundredths",
    "lead_hundredths_beside_peers", "scored_weeks", "score_hundredths_weeks_beside_peers",
] %}
{%- set pre_start_counts = ["pre_start_active_days_count", "pre_start_action_count"] %}
{%- set counts_so_far = attendance_counts + activity_counts + pre_start_counts + result_counts %}

with

panel_runs as (
    select * from {{ ref("int_panel_runs") }}
),

-- Most facts are known in the week in which they happened: those need no sum, only their place.
{% for family, counts in families -%}
{{ family }}_on_time as (
    select * from {{ ref("int_" ~ family ~ "_weeks") }}
    where week_known = week_happened and not is_withdrawal and {{ is_in_this_part() }}
),

{{ family }}_late as (
    select * from {{ ref("int_late_" ~ family) }}
),

{% endfor -%}

pre_start as (
    select * from {{ ref("int_pre_start_weeks") }}
),

assessment_result_weeks as (
    select * from {{ ref("int_assessment_result_weeks") }}
    where {{ is_in_this_part() }}
),

results as (
    select
        weeks.enrolment_id,
        greatest(weeks.week_visible, panel_runs.from_week) as week,
        {%- for count in result_counts %}
        cast(sum(weeks.{{ count }}) as integer) as {{ count }},
        {%- endfor %}
    from assessment_result_weeks as weeks
    inner join panel_runs on weeks.enrolment_id = panel_runs.enrolment_id
    group by all
),

mondays as (
    select
        enrolment_id,
        cast(unnest(range(from_week, to_week + 1)) as integer) as week,
    from panel_runs
),

joined as (
    select
        mondays.enrolment_id,
        mondays.week,
        {%- for family, counts in families %}
        {%- for count in counts %}
        coalesce({{ family }}_on_time.{{ count }}, 0) as {{ count }}_on_time,
        {{ count }}_on_time + coalesce({{ family }}_late.{{ count }}, 0) as {{ count }},
        coalesce({{ family }}_late.{{ count }}_4w, 0) as {{ count }}_late_4w,
        {%- endfor %}
        {%- endfor %}
        coalesce(activity_late.active_days_count_1w, 0) as active_days_count_late_1w,
        coalesce(activity_late.active_days_count_2w, 0) as active_days_count_late_2w,
        {%- for count in result_counts %}
        coalesce(results.{{ count }}, 0) as {{ count }},
        {%- endfor %}
        {%- for count in pre_start_counts %}
        coalesce(pre_start.{{ count }}, 0) as {{ count }},
        {%- endfor %}
    from mondays
    left join attendance_on_time
        on mondays.enrolment_id = attendance_on_time.enrolment_id and mondays.week = attendance_on_time.week_happened
    left join attendance_late
        on mondays.enrolment_id = attendance_late.enrolment_id and mondays.week = attendance_late.week
    left join activity_on_time
        on mondays.enrolment_id = activity_on_time.enrolment_id and mondays.week = activity_on_time.week_happened
    left join activity_late
        on mondays.enrolment_id = activity_late.enrolment_id and mondays.week = activity_late.week
    left join results on mondays.enrolment_id = results.enrolment_id and mondays.week = results.week
    left join pre_start on mondays.enrolment_id = pre_start.enrolment_id and mondays.week = pre_start.week
),

-- The sums are most of the work, so two go into one window.
summed as (
    select
        enrolment_id,
        week,
        {%- for low, high in counts_so_far | batch(2) %}
        cast(sum({{ pair_of(low, high) }}) over so_far as bigint) as {{ low }}_pair,
        {%- endfor %}
        {%- for count in attendance_counts + activity_counts %}
        cast({{ sum_of_last(4, count ~ "_on_time", "so_far") }} + {{ count }}_late_4w as integer) as {{ count }}_4w,
        {%- endfor %}
        cast(active_days_count_on_time + active_days_count_late_1w as integer) as active_days_count_1w,
        cast(
            {{ sum_of_last(2, "active_days_count_on_time", "so_far") }} + active_days_count_late_2w as integer
        ) as active_days_count_2w,
    from joined
    window
        so_far as (partition by enrolment_id order by week rows unbounded preceding)
),

final as (
    select
        * exclude (
            {%- for low, _ in counts_so_far | batch(2) %}
            {{ low }}_pair{{ "," if not loop.last }}
            {%- endfor %}
        ),
        {%- for low, high in counts_so_far | batch(2) %}
        {{ low_of(low ~ "_pair") }} as {{ low }},
        {{ high_of(low ~ "_pair") }} as {{ high }},
        {%- endfor %}
    from summed
)

select * from final
