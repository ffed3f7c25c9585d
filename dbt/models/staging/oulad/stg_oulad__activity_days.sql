{{ config(materialized="table") }}

with

student_vle as (
    {{ newest_delivery(source("oulad", "student_vle")) }}
),

presentations as (
    select * from {{ ref("stg_oulad__presentations") }}
),

-- The log has a row per site: the grain of the school contract is the day. A table, because of its 10 million rows.
days as (
    select
        code_module,
        code_presentation,
        id_student,
        cast(date as integer) as day_number,
        cast(sum(sum_click) as integer) as action_count,
    from student_vle
    group by code_module, code_presentation, id_student, day_number
),

dated as (
    select
        presentations.cohort_id || '-' || days.id_student as enrolment_id,
        presentations.start_date + days.day_number as activity_date,
        days.action_count,
    from days
    inner join presentations
        on
            days.code_module = presentations.code_module
            and days.code_presentation = presentations.code_presentation
),

final as (
    select
        enrolment_id,
        activity_date,
        {{ known_after_lag("activity_date", "activity_days") }} as known_at,
        {{ known_after_lag("activity_date", "activity_days") }} as known_at_utc,
        action_count,
        false as is_correction,
    from dated
)

select * from final
