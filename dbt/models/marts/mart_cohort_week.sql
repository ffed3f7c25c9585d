with

enrolment_week as (
    select * from {{ ref("fct_enrolment_week") }}
),

counted as (
    select
        cohort_id,
        as_of_date,
        min(training_id) as training_id,
        min(campus) as campus,
        max(week_of_training) as week_of_training,
        count(*) as enrolled_count,
        count(*) filter (where is_active) as active_count,
        count(*) filter (where not is_active) as left_count,
        sum(planned_half_days_count_4w) filter (where is_active) as planned_half_days_count_4w,
        sum(attended_half_days_count_4w) filter (where is_active) as attended_half_days_count_4w,
        count(*) filter (where is_active and active_days_count_1w > 0) as active_on_platform_count_1w,
        sum(active_days_count_4w) filter (where is_active) as active_days_count_4w,
        max(due_count) as due_count,
        sum(due_count) filter (where is_active) as due_of_active_count,
        sum(handed_in_of_due_count) filter (where is_active) as handed_in_of_due_count,
        bool_or(has_attendance) as has_attendance,
        bool_or(has_activity) as has_activity,
        bool_or(has_assessments) as has_assessments,
    from enrolment_week
    group by cohort_id, as_of_date
),

final as (
    select
        cohort_id,
        as_of_date,
        training_id,
        campus,
        week_of_training,
        cast(enrolled_count as integer) as enrolled_count,
        cast(active_count as integer) as active_count,
        cast(left_count as integer) as left_count,
        cast(planned_half_days_count_4w as integer) as planned_half_days_count_4w,
        cast(attended_half_days_count_4w as integer) as attended_half_days_count_4w,
        attended_half_days_count_4w / nullif(planned_half_days_count_4w, 0) as attended_share_4w,
        case when has_activity then cast(active_on_platform_count_1w as integer) end as active_on_platform_count_1w,
        cast(active_days_count_4w as integer) as active_days_count_4w,
        due_count,
        cast(handed_in_of_due_count as integer) as handed_in_of_due_count,
        handed_in_of_due_count / nullif(due_of_active_count, 0) as handed_in_share,
        has_attendance,
        has_activity,
        has_assessments,
    from counted
)

select * from final
