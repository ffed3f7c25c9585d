{{ config(materialized="incremental", incremental_strategy="append") }}

{%- set attendance_counts = ["planned_half_days_count", "attended_half_days_count", "late_count", "unexcused_count"] %}
{%- set activity_counts = ["active_days_count", "action_count"] %}
{%- set result_counts = [
    "handed_in_count", "handed_in_of_due_count", "late_hand_in_count", "hand_in_lead_days", "scored_count",
    "score_hundredths",
] %}
{%- set pre_start_counts = ["pre_start_active_days_count", "pre_start_action_count"] %}

with

enrolment_versions as (
    select * from {{ ref("int_enrolment_versions") }}
),

attendance_weeks as (
    select * from {{ ref("int_attendance_weeks") }}
),

activity_weeks as (
    select * from {{ ref("int_activity_weeks") }}
),

assessment_result_weeks as (
    select * from {{ ref("int_assessment_result_weeks") }}
),

{% if is_incremental() -%}
previous as (
    select * from {{ this }}
    where week = {{ last_built_week() }}
),

{% endif -%}

-- One unbroken run of Mondays per enrolment, whatever was thought of its dates in between.
runs as (
    select
        enrolment_id,
        min(panel_from_week) as from_week,
        max(panel_to_week) as to_week,
        false as is_carried,
    from enrolment_versions
    where panel_from_week <= panel_to_week
    group by enrolment_id
),

-- The Mondays to compute; where the kept state is carried on, it stands for all that was visible before them.
new_runs as (
    {%- if is_incremental() %}
    select
        runs.enrolment_id,
        greatest(runs.from_week, {{ last_built_week() }} + 1) as from_week,
        runs.to_week,
        previous.enrolment_id is not null as is_carried,
    from runs
    left join previous on runs.enrolment_id = previous.enrolment_id
    where runs.to_week > {{ last_built_week() }}
    {%- else %}
    select * from runs
    {%- endif %}
),

mondays as (
    select
        enrolment_id,
        unnest(range(from_week, to_week + 1)) as week,
    from new_runs
),

{% if is_incremental() -%}
-- Enrolments whose whole past is looked at again: new ones, and those of which something changed.
reopened as (
    select enrolment_id from new_runs
    where not is_carried
    union
    select enrolment_id from enrolment_versions
    where from_week > {{ last_built_week() }} or to_week between {{ last_built_week() }} + 1 and {{ as_of_week() }}
),

{% endif -%}

{% for family, counts in [("attendance", attendance_counts), ("activity", activity_counts)] -%}
{{ family }}_counting as (
    select * from {{ family }}_weeks
    {%- if is_incremental() %}
    where week_known > {{ last_built_week() }} or week_happened > {{ last_built_week() }} - 3
    union all
    select * from {{ family }}_weeks
    where
        week_known <= {{ last_built_week() }}
        and week_happened <= {{ last_built_week() }} - 3
        and enrolment_id in (select reopened.enrolment_id from reopened)
    {%- endif %}
),

-- Most facts are known in the week in which they happened: those need no sum, only their place.
{{ family }}_on_time as (
    select * from {{ family }}_counting
    where week_known = week_happened and not is_withdrawal
),

{{ family }}_not_on_time as (
    select
        weeks.*,
        greatest(weeks.week_happened, weeks.week_known, new_runs.from_week) as counted_from_week,
        greatest(weeks.week_happened, weeks.week_known) >= new_runs.from_week or not new_runs.is_carried as is_new,
    from {{ family }}_counting as weeks
    inner join new_runs on weeks.enrolment_id = new_runs.enrolment_id
    where
        (weeks.week_known <> weeks.week_happened or weeks.is_withdrawal or weeks.week_happened < new_runs.from_week)
        and (is_new or weeks.week_happened + 4 > new_runs.from_week)
),

-- The others count from a later Monday on, and among the last four weeks for as long as what happened lies in them.
{{ family }}_delayed as (
    select
        not_on_time.*,
        not_on_time.counted_from_week + delays.delay as week,
        not_on_time.is_new and delays.delay = 0 as is_arrival,
    from {{ family }}_not_on_time as not_on_time
    cross join (values (0), (1), (2), (3)) as delays (delay)
    where delays.delay = 0 or not_on_time.counted_from_week + delays.delay < not_on_time.week_happened + 4
),

{{ family }}_late as (
    select
        enrolment_id,
        week,
        {%- for count in counts %}
        cast(sum(case when is_arrival then {{ count }} else 0 end) as integer) as {{ count }},
        {%- for weeks in ([1, 2, 4] if count == "active_days_count" else [4]) %}
        {{ count_within(count, weeks) }} as {{ count }}_{{ weeks }}w,
        {%- endfor %}
        {%- endfor %}
    from {{ family }}_delayed
    group by enrolment_id, week
),

{% endfor -%}

results as (
    select
        weeks.enrolment_id,
        greatest(weeks.week_visible, new_runs.from_week) as week,
        {%- for count in result_counts %}
        cast(sum(weeks.{{ count }}) as integer) as {{ count }},
        {%- endfor %}
    from assessment_result_weeks as weeks
    inner join new_runs on weeks.enrolment_id = new_runs.enrolment_id
    where weeks.week_visible >= new_runs.from_week or not new_runs.is_carried
    group by all
),

-- Before the start, as the start was known at the time: a start that moves takes its count along.
pre_start_changes as (
    {%- for moment, sign in [("from_week", ""), ("to_week", "-")] %}
    select
        weeks.enrolment_id,
        greatest(weeks.week_happened, weeks.week_known, versions.{{ moment }}) as week,
        {{ sign }}weeks.active_days_count as pre_start_active_days_count,
        {{ sign }}weeks.action_count as pre_start_action_count,
    from activity_counting as weeks
    inner join enrolment_versions as versions
        on
            weeks.enrolment_id = versions.enrolment_id
            and weeks.week_happened <= {{ week_of("versions.start_date") }}
    where versions.{{ moment }} < {{ never() }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

pre_start as (
    select
        changes.enrolment_id,
        greatest(changes.week, new_runs.from_week) as week,
        {%- for count in pre_start_counts %}
        cast(sum(changes.{{ count }}) as integer) as {{ count }},
        {%- endfor %}
    from pre_start_changes as changes
    inner join new_runs on changes.enrolment_id = new_runs.enrolment_id
    where changes.week >= new_runs.from_week or not new_runs.is_carried
    group by all
),

joined as (
    select
        mondays.enrolment_id,
        mondays.week,
        {%- for family, counts in [("attendance", attendance_counts), ("activity", activity_counts)] %}
        {%- for count in counts %}
        coalesce({{ family }}_on_time.{{ count }}, 0) as {{ count }}_on_time,
        coalesce({{ family }}_late.{{ count }}, 0){{ carried(count) }} as {{ count }}_late,
        {%- for weeks in ([1, 2, 4] if count == "active_days_count" else [4]) %}
        coalesce({{ family }}_late.{{ count }}_{{ weeks }}w, 0) as {{ count }}_late_{{ weeks }}w,
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
        {%- for count in result_counts %}
        coalesce(results.{{ count }}, 0){{ carried(count) }} as {{ count }},
        {%- endfor %}
        {%- for count in pre_start_counts %}
        coalesce(pre_start.{{ count }}, 0){{ carried(count) }} as {{ count }},
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
    {%- if is_incremental() %}
    left join previous on mondays.enrolment_id = previous.enrolment_id and mondays.week = previous.week + 1
    {%- endif %}
),

final as (
    select
        enrolment_id,
        cast(week as integer) as week,
        {%- for count in attendance_counts + activity_counts %}
        cast(sum({{ count }}_on_time + {{ count }}_late) over so_far as integer) as {{ count }},
        cast(sum({{ count }}_on_time) over four_weeks + {{ count }}_late_4w as integer) as {{ count }}_4w,
        {%- endfor %}
        cast(active_days_count_on_time + active_days_count_late_1w as integer) as active_days_count_1w,
        cast(
            sum(active_days_count_on_time) over two_weeks + active_days_count_late_2w as integer
        ) as active_days_count_2w,
        {%- for count in pre_start_counts + result_counts %}
        cast(sum({{ count }}) over so_far as integer) as {{ count }},
        {%- endfor %}
    from joined
    window
        so_far as (partition by enrolment_id order by week rows unbounded preceding),
        four_weeks as (partition by enrolment_id order by week rows 3 preceding),
        two_weeks as (partition by enrolment_id order by week rows 1 preceding)
)

select * from final
