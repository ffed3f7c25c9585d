-- The floor: mart_cohort_week from the same built panel and the conformed contacts, the panel read once and joined to
-- nothing. It may take for granted what the benchmark's school guarantees and dbt's model may not: no list was ever made,
-- a contact is noted the day it is made, and whoever is contacted is in the panel of the Monday after.
create table mart_cohort_week as
with
counted as (
    select
        cohort_id,
        as_of_date,
        min(training_id) as training_id,
        min(campus) as campus,
        max(week_of_training) as week_of_training,
        count(*) as enrolled,
        count(*) filter (where is_active) as active,
        sum(planned_half_days_count_4w) filter (where is_active) as planned,
        sum(attended_half_days_count_4w) filter (where is_active) as attended,
        count(*) filter (where is_active and active_days_count_1w > 0) as on_platform,
        sum(active_days_count_4w) filter (where is_active) as active_days,
        max(due_count) as due,
        sum(due_count) filter (where is_active) as due_of_active,
        sum(handed_in_of_due_count) filter (where is_active) as handed_in,
        bool_or(has_attendance) as has_attendance,
        bool_or(has_activity) as has_activity,
        bool_or(has_assessments) as has_assessments,
    from built.marts.fct_enrolment_week
    group by cohort_id, as_of_date
),
contacted as (
    select
        cohort_id,
        date '1970-01-05' + 7 * week(action_date) as as_of_date,
        count(distinct enrolment_id) as contacted,
    from built.conformed.support_actions
    inner join built.conformed.enrolments using (enrolment_id)
    group by all
),
weeks as (
    select
        counted.*,
        coalesce(contacted, 0) as contacted,
        enrolled - active as has_left,
        if(has_activity, on_platform, null) as counted_on_platform,
        if(has_activity, active, null) as active_where_counted,
    from counted
    left join contacted using (cohort_id, as_of_date)
),
-- Of each week of training, what had been counted by each Monday: few rows, and no window over all cohorts.
past as (
    select
        week_of_training,
        as_of_date,
        sum(sum(1)) over earlier as cohorts,
        sum(sum(planned)) over earlier as planned,
        sum(sum(attended)) over earlier as attended,
        sum(sum(due_of_active)) over earlier as due_of_active,
        sum(sum(handed_in)) over earlier as handed_in,
        sum(sum(counted_on_platform)) over earlier as counted_on_platform,
        sum(sum(active_where_counted)) over earlier as active_where_counted,
        sum(sum(has_left)) over earlier as has_left,
        sum(sum(enrolled)) over earlier as enrolled,
        sum(sum(contacted)) over earlier as contacted,
    from weeks
    group by week_of_training, as_of_date
    window earlier as (
        partition by week_of_training order by as_of_date rows between unbounded preceding and 1 preceding
    )
)
select
    cohort_id,
    as_of_date,
    training_id,
    campus,
    week_of_training,
    weeks.enrolled::integer as enrolled_count,
    active::integer as active_count,
    weeks.has_left::integer as left_count,
    weeks.planned::integer as planned_half_days_count_4w,
    weeks.attended::integer as attended_half_days_count_4w,
    weeks.attended / nullif(weeks.planned, 0) as attended_share_4w,
    weeks.counted_on_platform::integer as active_on_platform_count_1w,
    active_days::integer as active_days_count_4w,
    due as due_count,
    weeks.handed_in::integer as handed_in_of_due_count,
    weeks.handed_in / nullif(weeks.due_of_active, 0) as handed_in_share,
    weeks.counted_on_platform / nullif(active, 0) as active_on_platform_share_1w,
    weeks.has_left / weeks.enrolled as left_share,
    (weeks.has_left - lag(weeks.has_left, 1, 0) over (partition by cohort_id order by as_of_date))::integer
        as departed_count_1w,
    weeks.contacted::integer as contacted_count_1w,
    null::integer as flagged_count_1w,
    coalesce(past.cohorts, 0)::integer as past_cohort_count,
    past.attended / nullif(past.planned, 0) as past_attended_share_4w,
    past.handed_in / nullif(past.due_of_active, 0) as past_handed_in_share,
    past.counted_on_platform / nullif(past.active_where_counted, 0) as past_active_on_platform_share_1w,
    past.has_left / nullif(past.enrolled, 0) as past_left_share,
    past.contacted / nullif(past.enrolled, 0) as past_contacted_share_1w,
    null::double as past_flagged_share_1w,
    has_attendance,
    has_activity,
    has_assessments,
from weeks
inner join past using (week_of_training, as_of_date);
