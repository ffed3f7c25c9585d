{{ config(materialized="kept_rows", in_parts_of="intermediate.int_enrolment_versions") }}

{%- set attendance = ["planned_half_days_count", "attended_half_days_count", "late_count", "unexcused_count"] %}
{%- set others = [
    "other_completed_count", "other_failed_count", "other_dropped_out_count", "other_running_count", "other_scored_count",
] %}

with

enrolment_week as (
    select * from {{ ref("int_enrolment_week") }}
    where {{ is_in_this_part() }}
),

enrolment_versions as (
    select * from {{ ref("int_enrolment_versions") }}
    where {{ is_in_this_part() }}
),

left_spans as (
    select * from {{ ref("int_enrolment_status_spans") }}
    where has_left and {{ is_in_this_part() }}
),

cohort_week as (
    select * from {{ ref("int_cohort_week") }}
),

other_enrolments_week as (
    select * from {{ ref("int_other_enrolments_week") }}
    {%- if carries_on() %}
    where week > {{ last_built_week() }}
    {%- endif %}
),

final as (
    select
        enrolment_week.enrolment_id,
        {{ monday_of("enrolment_week.week") }} as as_of_date,
        enrolment_versions.cohort_id,
        enrolment_versions.campus,
        enrolment_versions.training_id,
        enrolment_versions.learner_id,
        cast(
            ({{ monday_of("enrolment_week.week") }} - enrolment_versions.start_date) // 7 as integer
        ) as week_of_training,
        cast(enrolment_versions.start_date - enrolment_versions.enrolled_date as integer) as enrolled_lead_days,
        enrolment_versions.prior_attempts_count,
        enrolment_versions.credits_studied,
        enrolment_versions.education_isced,
        {%- for count in others %}
        coalesce(other_enrolments_week.{{ count }}, 0) as {{ count }},
        {%- endfor %}
        coalesce(other_enrolments_week.other_score_hundredths, 0) / 100 as other_score_pct_sum,
        {%- for count in attendance %}
        case when cohort_week.has_attendance then enrolment_week.{{ count }} end as {{ count }},
        case when cohort_week.has_attendance then enrolment_week.{{ count }}_4w end as {{ count }}_4w,
        {%- endfor %}
        {%- for count in ["active_days_count", "action_count"] %}
        case
            when cohort_week.has_activity then enrolment_week.{{ count }} - enrolment_week.pre_start_{{ count }}
        end as {{ count }},
        case when cohort_week.has_activity then enrolment_week.{{ count }}_4w end as {{ count }}_4w,
        {%- endfor %}
        case when cohort_week.has_activity then enrolment_week.active_days_count_1w end as active_days_count_1w,
        case
            when cohort_week.has_activity then enrolment_week.pre_start_active_days_count
        end as pre_start_active_days_count,
        case when cohort_week.has_assessments then cohort_week.due_count end as due_count,
        {%- for count in ["handed_in_count", "handed_in_of_due_count", "late_hand_in_count", "scored_count"] %}
        case when cohort_week.has_assessments then enrolment_week.{{ count }} end as {{ count }},
        {%- endfor %}
        case when cohort_week.has_assessments then enrolment_week.score_hundredths / 100 end as score_pct_sum,
        case
            when cohort_week.has_assessments then enrolment_week.lead_hundredths_beside_peers / 100
        end as lead_days_beside_peers_sum,
        case when cohort_week.has_assessments then enrolment_week.scored_weeks end as scored_weeks_sum,
        case
            when cohort_week.has_assessments then enrolment_week.score_hundredths_weeks_beside_peers / 100
        end as score_pct_weeks_beside_peers_sum,
        left_spans.enrolment_id is null as is_active,
        cohort_week.has_attendance,
        cohort_week.has_activity,
        cohort_week.has_assessments,
    from enrolment_week
    inner join enrolment_versions
        on
            enrolment_week.enrolment_id = enrolment_versions.enrolment_id
            and enrolment_week.week between enrolment_versions.panel_from_week and enrolment_versions.panel_to_week
    inner join cohort_week
        on enrolment_versions.cohort_id = cohort_week.cohort_id and enrolment_week.week = cohort_week.week
    left join other_enrolments_week
        on
            enrolment_week.enrolment_id = other_enrolments_week.enrolment_id
            and enrolment_week.week = other_enrolments_week.week
    left join left_spans
        on
            enrolment_week.enrolment_id = left_spans.enrolment_id
            and enrolment_week.week >= left_spans.from_week
            and enrolment_week.week < left_spans.to_week
    {%- if carries_on() %}
    where enrolment_week.week > {{ last_built_week() }}
    {%- endif %}
)

select * from final
