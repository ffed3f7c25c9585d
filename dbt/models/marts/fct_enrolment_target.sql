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
    from completes
    left join first_internships on completes.enrolment_id = first_internships.enrolment_id
),

{% endif -%}
-- Whether work was found as the promise in force defines it, for everybody who left, graduate or not.
placed as (
    select
        current_enrolments.enrolment_id,
        'placed' as target,
        case
            when outcomes.is_placed then true
            when outcomes.is_mature then false
        end as is_positive,
        coalesce(outcomes.is_mature, false) as is_mature,
        case
            when outcomes.is_placed then outcomes.placed_date
            when outcomes.is_mature then outcomes.window_end_date
        end as decided_date,
        case
            when outcomes.is_placed then greatest(outcomes.left_known_at, outcomes.placed_known_at)
            when outcomes.is_mature then greatest(outcomes.left_known_at, cast(outcomes.mature_date as timestamp))
        end as known_at,
    from current_enrolments
    left join outcomes
        on
            current_enrolments.enrolment_id = outcomes.enrolment_id
            and coalesce(outcomes.excluded_reason, '') <> 'deceased'
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
