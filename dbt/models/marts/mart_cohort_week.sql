{#- Each share with its part and its whole, so that a cohort's own and that of past cohorts are worked out alike. -#}
{%- set shares = {
    "attended_share_4w": ("attended_half_days_count_4w", "planned_half_days_count_4w"),
    "handed_in_share": ("handed_in_of_due_count", "due_of_active_count"),
    "active_on_platform_share_1w": ("active_on_platform_count_1w", "active_count"),
    "left_share": ("left_count", "enrolled_count"),
    "contacted_share_1w": ("contacted_count_1w", "enrolled_count"),
    "flagged_share_1w": ("flagged_count_1w", "enrolled_count"),
} -%}

with

enrolment_week as (
    select * from {{ ref("fct_enrolment_week") }}
),

support_actions as (
    select * from {{ ref("support_actions") }}
),

-- Who was on the list of the Monday before: this Monday's own list is written after this mart.
flagged as (
    select
        enrolment_id,
        as_of_date + 7 as as_of_date,
    from {{ ref("fct_shown_name") }}
    where not is_also_check_in
),

list_mondays as (
    select distinct as_of_date from flagged
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
        case when list_mondays.as_of_date is not null then flagged.enrolment_id is not null end as is_flagged,
    from enrolment_week
    left join list_mondays on enrolment_week.as_of_date = list_mondays.as_of_date
    left join flagged
        on enrolment_week.enrolment_id = flagged.enrolment_id and enrolment_week.as_of_date = flagged.as_of_date
    left join contacted
        on enrolment_week.enrolment_id = contacted.enrolment_id and enrolment_week.as_of_date = contacted.as_of_date
),

counted as (
    select
        cohort_id,
        as_of_date,
        min(training_id) as training_id,
        min(campus) as campus,
        max(week_of_training) as week_of_training,
        cast(count(*) as integer) as enrolled_count,
        cast(count(*) filter (where is_active) as integer) as active_count,
        cast(count(*) filter (where not is_active) as integer) as left_count,
        cast(sum(planned_half_days_count_4w) filter (where is_active) as integer) as planned_half_days_count_4w,
        cast(sum(attended_half_days_count_4w) filter (where is_active) as integer) as attended_half_days_count_4w,
        case
            when bool_or(has_activity)
                then cast(count(*) filter (where is_active and active_days_count_1w > 0) as integer)
        end as active_on_platform_count_1w,
        cast(sum(active_days_count_4w) filter (where is_active) as integer) as active_days_count_4w,
        max(due_count) as due_count,
        sum(due_count) filter (where is_active) as due_of_active_count,
        cast(sum(handed_in_of_due_count) filter (where is_active) as integer) as handed_in_of_due_count,
        cast(count(*) filter (where is_contacted) as integer) as contacted_count_1w,
        cast(sum(cast(is_flagged as integer)) as integer) as flagged_count_1w,
        bool_or(has_attendance) as has_attendance,
        bool_or(has_activity) as has_activity,
        bool_or(has_assessments) as has_assessments,
    from followed
    group by cohort_id, as_of_date
),

-- The same week of training of all cohorts that had come to it before a Monday, their people taken together: sums of
-- whole numbers do not depend on the order in which they are read, means of shares do in their last digit. Summed by
-- Monday first, because a window over all cohorts costs more than the rest of this mart.
past as (
    select
        week_of_training,
        as_of_date,
        sum(count(*)) over earlier as past_cohort_count,
        {%- for share, (part, whole) in shares.items() %}
        sum(sum({{ part }})) over earlier
        / nullif(sum(sum({{ whole }}) filter (where {{ part }} is not null)) over earlier, 0) as past_{{ share }},
        {%- endfor %}
    from counted
    group by week_of_training, as_of_date
    window
        earlier as (
            partition by week_of_training
            order by as_of_date rows between unbounded preceding and 1 preceding
        )
),

compared as (
    select
        counted.*,
        cast(
            counted.left_count
            - lag(counted.left_count, 1, 0) over (partition by counted.cohort_id order by counted.as_of_date) as integer
        ) as departed_count_1w,
        cast(coalesce(past.past_cohort_count, 0) as integer) as past_cohort_count,
        {%- for share, (part, whole) in shares.items() %}
        counted.{{ part }} / nullif(counted.{{ whole }}, 0) as {{ share }},
        past.past_{{ share }},
        {%- endfor %}
    from counted
    left join past on counted.week_of_training = past.week_of_training and counted.as_of_date = past.as_of_date
),

final as (
    select * exclude (due_of_active_count, contacted_share_1w, flagged_share_1w)
    from compared
)

select * from final
