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
)
select
    cohort_id,
    as_of_date,
    training_id,
    campus,
    week_of_training,
    enrolled::integer as enrolled_count,
    active::integer as active_count,
    has_left::integer as left_count,
    planned::integer as planned_half_days_count_4w,
    attended::integer as attended_half_days_count_4w,
    attended / nullif(planned, 0) as attended_share_4w,
    counted_on_platform::integer as active_on_platform_count_1w,
    active_days::integer as active_days_count_4w,
    due as due_count,
    handed_in::integer as handed_in_of_due_count,
    handed_in / nullif(due_of_active, 0) as handed_in_share,
    counted_on_platform / nullif(active, 0) as active_on_platform_share_1w,
    has_left / enrolled as left_share,
    (has_left - coalesce(lag(has_left) over (partition by cohort_id order by as_of_date), 0))::integer as departed_count_1w,
    contacted::integer as contacted_count_1w,
    null::integer as flagged_count_1w,
    (count(*) over earlier)::integer as past_cohort_count,
    sum(attended) over earlier / nullif(sum(planned) over earlier, 0) as past_attended_share_4w,
    sum(handed_in) over earlier / nullif(sum(due_of_active) over earlier, 0) as past_handed_in_share,
    sum(counted_on_platform) over earlier / nullif(sum(active_where_counted) over earlier, 0) as past_active_on_platform_share_1w,
    sum(has_left) over earlier / nullif(sum(enrolled) over earlier, 0) as past_left_share,
    sum(contacted) over earlier / nullif(sum(enrolled) over earlier, 0) as past_contacted_share_1w,
    null::double as past_flagged_share_1w,
    has_attendance,
    has_activity,
    has_assessments,
from weeks
window earlier as (
    partition by week_of_training
    order by as_of_date range between unbounded preceding and interval 1 day preceding
);
