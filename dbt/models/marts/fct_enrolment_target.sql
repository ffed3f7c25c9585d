with

current_enrolments as (
    select * from {{ ref("int_current_enrolments") }}
),

current_statuses as (
    select * from {{ ref("int_current_statuses") }}
),

placements as (
    select * from {{ ref("int_placements") }}
),

-- Those who leave early are known first: nobody's outcome is mature before the cohort's last day.
completes as (
    select
        current_enrolments.enrolment_id,
        'completes' as target,
        case when current_statuses.has_left then current_statuses.status = 'completed' end as is_positive,
        coalesce(
            current_statuses.has_left
            and coalesce(current_enrolments.end_date, current_enrolments.start_date) <= date '{{ var("as_of") }}',
            false
        ) as is_mature,
        case when current_statuses.has_left then current_statuses.effective_date end as decided_date,
        case when current_statuses.has_left then current_statuses.known_at end as known_at,
    from current_enrolments
    left join current_statuses on current_enrolments.enrolment_id = current_statuses.enrolment_id
),

placed as (
    select
        current_enrolments.enrolment_id,
        'placed' as target,
        case
            when placements.outcome = 'placed' then true
            when placements.is_mature then false
        end as is_positive,
        coalesce(placements.is_mature, false) as is_mature,
        case
            when placements.outcome = 'placed' then placements.placed_date
            when placements.is_mature then placements.horizon_date
        end as decided_date,
        case
            when placements.outcome = 'placed' then greatest(placements.left_known_at, placements.placed_known_at)
            when placements.is_mature then greatest(placements.left_known_at, cast(placements.mature_date as timestamp))
        end as known_at,
    from current_enrolments
    left join placements on current_enrolments.enrolment_id = placements.enrolment_id
),

final as (
    select * from completes
    {%- if feeding_systems("outcome_events") %}
    union all
    select * from placed
    {%- endif %}
)

select * from final
