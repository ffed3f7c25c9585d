with

current_enrolments as (
    select * from {{ ref("int_current_enrolments") }}
),

current_statuses as (
    select * from {{ ref("int_current_statuses") }}
),

outcomes as (
    select * from {{ ref("int_enrolment_outcome") }}
    where definition_id = '{{ var("definition_id") }}'
),

{% if feeding_systems("internships") -%}
first_internships as (
    select
        enrolment_id,
        min(known_at) as known_at,
    from {{ ref("internships") }}
    group by all
),

{% endif -%}
-- Those who leave early are known first: nobody's outcome is mature before the cohort's last day.
-- Who died has not failed.
completes as (
    select
        current_enrolments.enrolment_id,
        'completes' as target,
        case
            when current_statuses.has_left and coalesce(current_statuses.reason_code, '') <> 'deceased'
                then current_statuses.status = 'completed'
        end as is_positive,
        coalesce(
            current_statuses.has_left
            and coalesce(current_enrolments.end_date, current_enrolments.start_date) <= date '{{ var("as_of") }}',
            false
        ) as is_mature,
        case when current_statuses.has_left then current_statuses.effective_date end as decided_date,
        case when current_statuses.has_left then current_statuses.known_at end as known_at,
        cast(null as date) as clock_start_date,
    from current_enrolments
    left join current_statuses on current_enrolments.enrolment_id = current_statuses.enrolment_id
),

{% if feeding_systems("internships") -%}
-- Whether a partner ever offered an internship; after leaving, none comes any more.
obtains_internship as (
    select
        completes.enrolment_id,
        'obtains_internship' as target,
        case
            when first_internships.known_at is not null then true
            when completes.is_positive is not null then false
        end as is_positive,
        completes.is_mature,
        coalesce(cast(first_internships.known_at as date), completes.decided_date) as decided_date,
        coalesce(first_internships.known_at, completes.known_at) as known_at,
        completes.clock_start_date,
    from completes
    left join first_internships on completes.enrolment_id = first_internships.enrolment_id
),

{% endif -%}
-- Who cannot be placed any more as the promise counts: dropout is the other end that training can have.
leavers as (
    select
        *,
        coalesce(excluded_reason in ('not_started', 'not_completed'), false) as is_out,
    from outcomes
    where coalesce(excluded_reason, '') <> 'deceased'
),

-- Whether work was found as the promise in force defines it. The months of a class count from one day on: from leaving,
-- or from its last day for who left too early to be placed.
placed as (
    select
        completes.enrolment_id,
        'placed' as target,
        case
            when leavers.is_out then false
            when leavers.is_placed then true
            when leavers.is_mature then false
        end as is_positive,
        coalesce(if(leavers.is_out, completes.is_mature, leavers.is_mature), false) as is_mature,
        case
            when leavers.is_out then leavers.left_date
            when leavers.is_placed then leavers.placed_date
            when leavers.is_mature then leavers.window_end_date
        end as decided_date,
        case
            when leavers.is_out then leavers.left_known_at
            when leavers.is_placed then greatest(leavers.left_known_at, leavers.placed_known_at)
            when leavers.is_mature then greatest(leavers.left_known_at, cast(leavers.mature_date as timestamp))
        end as known_at,
        if(leavers.is_out, greatest(leavers.left_date, current_enrolments.end_date), leavers.left_date)
            as clock_start_date,
    from completes
    inner join current_enrolments on completes.enrolment_id = current_enrolments.enrolment_id
    left join leavers on completes.enrolment_id = leavers.enrolment_id
),

final as (
    select * from completes
    {%- if feeding_systems("internships") %}
    union all
    select * from obtains_internship
    {%- endif %}
    {%- if feeding_systems("outcome_events") %}
    union all
    select * from placed
    {%- endif %}
)

select * from final
