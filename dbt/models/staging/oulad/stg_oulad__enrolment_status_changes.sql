with

registrations as (
    select * from {{ ref("stg_oulad__registrations") }}
),

-- Numbered in the order in which they can follow each other, so that two on one day keep that order.
enrolled as (
    select
        enrolment_id,
        1 as change_number,
        'enrolled' as status,
        enrolled_date as effective_date,
    from registrations
),

started as (
    select
        enrolment_id,
        2 as change_number,
        'started' as status,
        greatest(start_date, enrolled_date) as effective_date,
    from registrations
    where unregistered_date is null or unregistered_date > greatest(start_date, enrolled_date)
),

-- An unregistration wins over any other result: a learner who has gone does not fail months later.
ended as (
    select
        enrolment_id,
        3 as change_number,
        case
            when unregistered_date is not null or final_result = 'Withdrawn' then 'dropped_out'
            when final_result = 'Fail' then 'failed'
            when final_result in ('Pass', 'Distinction') then 'completed'
        end as status,
        coalesce(unregistered_date, end_date) as effective_date,
    from registrations
),

changes as (
    select * from enrolled
    union all
    select * from started
    union all
    select * from ended
    where status is not null
),

final as (
    select
        enrolment_id || '-' || change_number as status_change_id,
        {{ known_after_lag("effective_date", "enrolment_status_changes") }} as known_at,
        enrolment_id,
        status,
        cast(null as text) as reason_code,
        effective_date,
    from changes
)

select * from final
