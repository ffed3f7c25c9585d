-- depends_on: {{ ref("int_enrolment_versions") }}, {{ ref("int_panel_history") }}, {{ ref("int_panel_new_weeks") }}
{{ config(materialized="kept_rows", in_parts_of="intermediate.int_enrolment_versions") }}

{%- set counts_so_far = [
    "planned_half_days_count", "attended_half_days_count", "late_count", "unexcused_count",
    "active_days_count", "action_count", "pre_start_active_days_count", "pre_start_action_count",
    "handed_in_count", "handed_in_of_due_count", "late_hand_in_count", "scored_count", "score_hundredths",
    "lead_hundredths_beside_peers", "scored_weeks", "score_hundredths_weeks_beside_peers",
] %}
{%- set moving_counts = [
    "planned_half_days_count_4w", "attended_half_days_count_4w", "late_count_4w", "unexcused_count_4w",
    "active_days_count_1w", "active_days_count_2w", "active_days_count_4w", "action_count_4w",
] %}

with

{% if carries_on() -%}
panel_new_weeks as (
    select * from {{ ref("int_panel_new_weeks") }}
),

kept as (
    select * from {{ this }}
    where week = {{ last_built_week() }}
),

final as (
    select
        panel_new_weeks.enrolment_id,
        panel_new_weeks.week,
        {%- for count in counts_so_far %}
        panel_new_weeks.{{ count }} + coalesce(kept.{{ count }}, 0) as {{ count }},
        {%- endfor %}
        {%- for count in moving_counts %}
        panel_new_weeks.{{ count }},
        {%- endfor %}
    from panel_new_weeks
    left join kept
        on panel_new_weeks.enrolment_id = kept.enrolment_id and panel_new_weeks.counted_to_week = kept.week
)
{%- else -%}
final as (
    select
        enrolment_id,
        week,
        {%- for count in counts_so_far + moving_counts %}
        {{ count }},
        {%- endfor %}
    from {{ ref("int_panel_history") }}
)
{%- endif %}

select * from final
