{# Facts that were not known in the week in which they happened, corrections, and what happened before the first Monday:
   one row per enrolment and Monday, with what arrived on it and how much of that lies in the last four weeks. They
   count from a later Monday on, and among the last four weeks for as long as what happened lies in them. #}
{% macro late_counts(weeks, counts, also_within=[]) -%}
late as (
    select
        weeks.*,
        greatest(weeks.week_happened, weeks.week_known, panel_runs.from_week) as counted_from_week,
    from {{ weeks }} as weeks
    inner join panel_runs on weeks.enrolment_id = panel_runs.enrolment_id
    where weeks.week_known <> weeks.week_happened or weeks.is_withdrawal or weeks.week_happened < panel_runs.from_week
),

mondays as (
    select
        late.*,
        late.counted_from_week + delays.delay as week,
        delays.delay = 0 as is_arrival,
    from late
    cross join (values (0), (1), (2), (3)) as delays (delay)
    where delays.delay = 0 or late.counted_from_week + delays.delay < late.week_happened + 4
),

final as (
    select
        enrolment_id,
        week,
        {%- for count in counts %}
        {{ count_where("is_arrival", count) }} as {{ count }},
        {{ count_where("week < week_happened + 4", count) }} as {{ count }}_4w,
        {%- endfor %}
        {%- for weeks in also_within %}
        {{ count_where("week < week_happened + " ~ weeks, counts[0]) }} as {{ counts[0] }}_{{ weeks }}w,
        {%- endfor %}
    from mondays
    group by enrolment_id, week
)
{%- endmacro %}


{# How much of a count lies where the condition holds. #}
{% macro count_where(condition, count) -%}
    cast(sum(case when {{ condition }} then {{ count }} else 0 end) as integer)
{%- endmacro %}
