with

current_enrolments as (
    select * from {{ ref("int_current_enrolments") }}
),

current_statuses as (
    select * from {{ ref("int_current_statuses") }}
),

enrolments as (
    select * from {{ ref("enrolments") }}
),

learners as (
    select * from {{ ref("learners") }}
),

status_changes as (
    select * from {{ ref("enrolment_status_changes") }}
    qualify row_number() over (partition by status_change_id order by known_at desc) = 1
),

outcome_events as (
    select * from {{ ref("int_current_outcome_events") }}
),

starters as (
    select distinct enrolment_id from status_changes
    where status in ('started', 'in_internship', 'completed', 'failed') and effective_date < date '{{ var("as_of") }}'
),

aims as (
    select
        enrolment_id,
        arg_min(wants_work_in_field, known_at) as wants_work_in_field,
    from enrolments
    group by enrolment_id
),

-- In training it is the school that records a death; afterwards, whoever hears of it.
recorded_deaths as (
    select
        learner_id,
        event_date as died_date,
    from outcome_events
    where event_type = 'deceased'
    union all
    select
        current_enrolments.learner_id,
        current_statuses.effective_date as died_date,
    from current_statuses
    inner join current_enrolments on current_statuses.enrolment_id = current_enrolments.enrolment_id
    where current_statuses.reason_code = 'deceased'
),

deaths as (
    select
        learner_id,
        min(died_date) as died_date,
    from recorded_deaths
    group by learner_id
),

entries as (
    select
        learner_id,
        arg_max(unemployment_months, known_at) as unemployment_months,
    from learners
    group by learner_id
),

joined as (
    select
        current_enrolments.enrolment_id,
        current_enrolments.learner_id,
        current_enrolments.cohort_id,
        current_statuses.status,
        aims.wants_work_in_field,
        entries.unemployment_months,
        starters.enrolment_id is not null as has_started,
        coalesce(current_statuses.has_left, false) as has_left,
        current_enrolments.start_date,
        current_enrolments.end_date,
        case when current_statuses.has_left then current_statuses.effective_date end as left_date,
        case when current_statuses.has_left then current_statuses.known_at end as left_known_at,
        deaths.died_date,
    from current_enrolments
    left join current_statuses on current_enrolments.enrolment_id = current_statuses.enrolment_id
    left join starters on current_enrolments.enrolment_id = starters.enrolment_id
    left join aims on current_enrolments.enrolment_id = aims.enrolment_id
    left join entries on current_enrolments.learner_id = entries.learner_id
    left join deaths on current_enrolments.learner_id = deaths.learner_id
),

final as (
    select
        *,
        lead(start_date) over (partition by learner_id order by start_date, enrolment_id) as next_start_date,
    from joined
)

select * from final
