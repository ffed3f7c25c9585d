{%- set told_by_enrolment = [
    ("attendance", "session_date", "known_at_utc"),
    ("activity_days", "activity_date", "known_at_utc"),
    ("assessment_results", "submitted_date", "known_at_utc"),
    ("enrolment_status_changes", "effective_date", "known_at"),
    ("support_actions", "action_date", "known_at"),
] %}

with

enrolments as (
    select
        enrolment_id,
        learner_id,
        cohort_id,
        coalesce(campus, 'unknown') as campus,
        start_date,
        end_date,
    from {{ ref("int_current_enrolments") }}
),

cohorts as (
    select * from {{ ref("dim_cohort") }}
),

-- Of an internship nothing has to arrive: a campus is waited for while a class is in training, and since that began.
in_training as (
    select
        enrolments.campus,
        min(enrolments.start_date) as training_since,
    from enrolments
    inner join cohorts on enrolments.cohort_id = cohorts.cohort_id
    where
        enrolments.start_date < date '{{ var("as_of") }}'
        and coalesce(cohorts.training_end_date, date '{{ var("as_of") }}') >= date '{{ var("as_of") }}'
    group by enrolments.campus
),

learners as (
    select
        learner_id,
        arg_max(campus, (start_date, enrolment_id)) as campus,
    from enrolments
    group by learner_id
),

outcome_events as (
    select
        outcome_events.source,
        learners.campus,
        outcome_events.known_at,
        outcome_events.event_date,
    from {{ ref("outcome_events") }} as outcome_events
    inner join learners on outcome_events.learner_id = learners.learner_id
),

-- A campus that has gone silent is a row, not a gap: every campus in training is asked about every source, and of work
-- each service about the campuses that it has ever told of.
asked as (
    select distinct
        'outcome_events' as entity,
        source as systems,
        campus,
        {{ fresh_from("outcome_events") }} as fresh_from_date,
    from outcome_events
    {%- for entity, day, known in told_by_enrolment if feeding_systems(entity) %}
    union all
    select distinct
        '{{ entity }}' as entity,
        '{{ feeding_systems(entity) | join(", ") }}' as systems,
        campus,
        {{ fresh_from(entity) }} as fresh_from_date,
    from enrolments
    where
        start_date < date '{{ var("as_of") }}'
        and coalesce(end_date, date '{{ var("as_of") }}') >= date '{{ var("as_of") }}' - 91
    {%- endfor %}
),

-- What became known in the last quarter: reading all of history again each week would cost more than the panel.
facts as (
    select
        'outcome_events' as entity,
        source as systems,
        campus,
        known_at,
        event_date as fact_date,
    from outcome_events
    where known_at >= {{ as_of_midnight() }} - interval 91 day
    {%- for entity, day, known in told_by_enrolment if feeding_systems(entity) %}
    union all
    select
        '{{ entity }}' as entity,
        '{{ feeding_systems(entity) | join(", ") }}' as systems,
        enrolments.campus,
        {{ entity }}.known_at,
        {{ entity }}.{{ day }} as fact_date,
    from {{ ref(entity) }} as {{ entity }}
    inner join enrolments on {{ entity }}.enrolment_id = enrolments.enrolment_id
    where {{ entity }}.{{ known }} >= {{ as_of_midnight() }} - interval 91 day
    {%- endfor %}
),

counted as (
    select
        asked.entity,
        asked.systems,
        asked.campus,
        asked.fresh_from_date,
        count(facts.known_at) as fact_count,
        max(facts.fact_date) filter (where facts.fact_date < date '{{ var("as_of") }}') as last_fact_date,
        max(facts.known_at) as last_known_at,
    from asked
    left join facts
        on
            asked.entity = facts.entity
            and asked.systems = facts.systems
            and asked.campus = facts.campus
    group by asked.entity, asked.systems, asked.campus, asked.fresh_from_date
),

-- Of work, a service that has told of any campus has told: at a small one, months may pass without news.
heard as (
    select
        counted.*,
        case
            when counted.entity = 'outcome_events'
                then
                    coalesce(
                        cast(max(counted.last_known_at) over (partition by counted.entity, counted.systems) as date),
                        date '{{ var("as_of") }}' - 91
                    )
            when in_training.campus is not null
                then greatest(cast(counted.last_known_at as date), in_training.training_since)
        end as heard_date,
    from counted
    left join in_training on counted.campus = in_training.campus
),

final as (
    select
        entity,
        systems,
        campus,
        date '{{ var("as_of") }}' as as_of_date,
        cast(fact_count as integer) as fact_count_13w,
        last_fact_date,
        last_known_at,
        cast(date '{{ var("as_of") }}' - cast(last_known_at as date) as integer) as silent_days,
        fresh_from_date,
        coalesce(heard_date < fresh_from_date, false) as is_stale,
    from heard
)

select * from final
