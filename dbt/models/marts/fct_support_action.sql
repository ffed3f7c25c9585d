with

support_actions as (
    select * from {{ ref("support_actions") }}
),

enrolment_week as (
    select * from {{ ref("fct_enrolment_week") }}
),

current_statuses as (
    select * from {{ ref("int_current_statuses") }}
),

latest as (
    select
        *,
        cast(date_trunc('week', action_date) as date) as before_monday,
        cast(date_trunc('week', action_date) as date) + 35 as after_monday,
    from support_actions
    qualify row_number() over (partition by support_action_id order by known_at desc) = 1
),

attendance as (
    select
        enrolment_id,
        as_of_date,
        is_active,
        attended_half_days_count_4w / nullif(planned_half_days_count_4w, 0) as attended_share_4w,
    from enrolment_week
),

with_attendance as (
    select
        latest.*,
        current_statuses.status,
        before_week.attended_share_4w as attended_share_before,
        after_week.attended_share_4w as attended_share_after,
        coalesce(after_week.is_active, false) as is_still_there,
    from latest
    left join attendance as before_week
        on latest.enrolment_id = before_week.enrolment_id and latest.before_monday = before_week.as_of_date
    left join attendance as after_week
        on latest.enrolment_id = after_week.enrolment_id and latest.after_monday = after_week.as_of_date
    left join current_statuses on latest.enrolment_id = current_statuses.enrolment_id
),

final as (
    select
        support_action_id,
        enrolment_id,
        coach_id,
        action_code,
        channel,
        verdict,
        case
            when after_monday > date '{{ var("as_of") }}' then 'too_early'
            when not is_still_there and status = 'completed' then 'finished'
            when not is_still_there then 'left'
            when attended_share_before is null or attended_share_after is null then 'not_known'
            when attended_share_after >= attended_share_before + {{ attendance_step_share() }} then 'better'
            when attended_share_after <= attended_share_before - {{ attendance_step_share() }} then 'worse'
            else 'same'
        end as outcome_code,
        attended_share_before,
        attended_share_after,
        action_date,
        follow_up_date,
        list_date,
        known_at,
    from with_attendance
)

select * from final
