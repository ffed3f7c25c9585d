with

enrolment_week as (
    select * from {{ ref("fct_enrolment_week") }}
),

support_actions as (
    select * from {{ ref("support_actions") }}
),

shown_names as (
    select * from {{ ref("fct_shown_name") }}
    where not is_also_check_in
),

-- Who was on the list of the Monday before: this Monday's own list is written after this mart.
flagged as (
    select
        enrolment_id,
        as_of_date + 7 as as_of_date,
    from shown_names
),

list_mondays as (
    select distinct as_of_date + 7 as as_of_date from shown_names
),

-- Whom a coach contacted in the seven days before a Monday, as far as it was noted by then.
contacted as (
    select distinct
        enrolment_id,
        {{ monday_of(visible_week("action_date")) }} as as_of_date,
    from support_actions
    where cast(known_at as date) < {{ monday_of(visible_week("action_date")) }}
),

followed as (
    select
        enrolment_week.*,
        contacted.enrolment_id is not null as is_contacted,
        flagged.enrolment_id is not null as is_flagged,
        list_mondays.as_of_date is not null as has_lists,
    from enrolment_week
    left join flagged
        on enrolment_week.enrolment_id = flagged.enrolment_id and enrolment_week.as_of_date = flagged.as_of_date
    left join list_mondays on enrolment_week.as_of_date = list_mondays.as_of_date
    left join contacted
        on
            enrolment_week.enrolment_id = contacted.enrolment_id
            and enrolment_week.as_of_date = contacted.as_of_date
),

counted as (
    select
        cohort_id,
        as_of_date,
        count(*) filter (where is_contacted) as contacted_count_1w,
        count(*) filter (where is_flagged) as flagged_count_1w,
        bool_or(has_lists) as has_lists,
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
    from followed
    group by cohort_id, as_of_date
),

shared as (
    select
        *,
        left_count - coalesce(lag(left_count) over (partition by cohort_id order by as_of_date), 0)
            as departed_count_1w,
        left_count / enrolled_count as left_share,
        attended_half_days_count_4w / nullif(planned_half_days_count_4w, 0) as attended_share_4w,
        handed_in_of_due_count / nullif(due_of_active_count, 0) as handed_in_share,
        case
            when has_activity
                then active_on_platform_count_1w / nullif(active_count, 0)
        end as active_on_platform_share_1w,
    from counted
),

-- The same week of training of all cohorts that had come to it before this Monday, their people taken together: sums of
-- whole numbers do not depend on the order in which they are read, means of shares do in their last digit.
compared as (
    select
        *,
        count(*) over earlier as past_cohort_count,
        sum(attended_half_days_count_4w) over earlier / nullif(sum(planned_half_days_count_4w) over earlier, 0)
            as past_attended_share_4w,
        sum(handed_in_of_due_count) over earlier / nullif(sum(due_of_active_count) over earlier, 0)
            as past_handed_in_share,
        sum(active_on_platform_count_1w) filter (where has_activity) over earlier
        / nullif(sum(active_count) filter (where has_activity) over earlier, 0) as past_active_on_platform_share_1w,
        sum(left_count) over earlier / nullif(sum(enrolled_count) over earlier, 0) as past_left_share,
        sum(contacted_count_1w) over earlier / nullif(sum(enrolled_count) over earlier, 0) as past_contacted_share_1w,
        sum(flagged_count_1w) filter (where has_lists) over earlier
        / nullif(sum(enrolled_count) filter (where has_lists) over earlier, 0) as past_flagged_share_1w,
    from shared
    window
        earlier as (
            partition by week_of_training
            order by as_of_date range between unbounded preceding and interval 1 day preceding
        )
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
        attended_share_4w,
        case when has_activity then cast(active_on_platform_count_1w as integer) end as active_on_platform_count_1w,
        cast(active_days_count_4w as integer) as active_days_count_4w,
        due_count,
        cast(handed_in_of_due_count as integer) as handed_in_of_due_count,
        handed_in_share,
        active_on_platform_share_1w,
        left_share,
        cast(departed_count_1w as integer) as departed_count_1w,
        cast(contacted_count_1w as integer) as contacted_count_1w,
        case when has_lists then cast(flagged_count_1w as integer) end as flagged_count_1w,
        cast(past_cohort_count as integer) as past_cohort_count,
        past_attended_share_4w,
        past_handed_in_share,
        past_active_on_platform_share_1w,
        past_left_share,
        past_contacted_share_1w,
        past_flagged_share_1w,
        has_attendance,
        has_activity,
        has_assessments,
    from compared
)

select * from final
