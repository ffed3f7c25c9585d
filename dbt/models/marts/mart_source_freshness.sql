{%- set as_of = "date '" ~ var("as_of") ~ "'" %}
{%- set quarter_ago = as_of_midnight() ~ " - interval 91 day" %}
{%- set told_by_enrolment = [
    ("attendance", "session_date", "known_at_utc"),
    ("activity_days", "activity_date", "known_at_utc"),
    ("assessment_results", "submitted_date", "known_at_utc"),
    ("enrolment_status_changes", "effective_date", "known_at"),
    ("support_actions", "action_date", "known_at"),
] %}

with

enrolments as (
    select * replace (coalesce(campus, 'unknown') as campus)
    from {{ ref("int_current_enrolments") }}
),

cohorts as (
    select * from {{ ref("dim_cohort") }}
),

-- Of an internship nothing has to arrive: a campus is waited for while a class is in training, and since that began.
campuses as (
    select
        enrolments.campus,
        min(enrolments.start_date) filter (where coalesce(cohorts.training_end_date, {{ as_of }}) >= {{ as_of }})
            as training_since,
    from enrolments
    inner join cohorts on enrolments.cohort_id = cohorts.cohort_id
    where enrolments.start_date < {{ as_of }}
    group by enrolments.campus
    having bool_or(coalesce(enrolments.end_date, {{ as_of }}) >= {{ as_of }} - 91)
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
        'outcome_events' as entity,
        outcome_events.source as systems,
        learners.campus,
        outcome_events.known_at,
        outcome_events.event_date as fact_date,
    from {{ ref("outcome_events") }} as outcome_events
    inner join learners on outcome_events.learner_id = learners.learner_id
),

-- A campus that has gone silent is a row, not a gap: every campus of the last quarter is asked about every source, and
-- of work each service about the campuses that it has ever told of.
asked as (
    select distinct
        entity,
        systems,
        campus,
        cast(null as date) as training_since,
        {{ fresh_from("outcome_events") }} as fresh_from_date,
    from outcome_events
    {%- for entity, day, known in told_by_enrolment if feeding_systems(entity) %}
    union all
    select
        '{{ entity }}' as entity,
        '{{ feeding_systems(entity) | join(", ") }}' as systems,
        campus,
        training_since,
        {{ fresh_from(entity) }} as fresh_from_date,
    from campuses
    {%- endfor %}
),

-- What became known in the last quarter: reading all of history again each week would cost more than the panel.
facts as (
    select * from outcome_events
    where known_at >= {{ quarter_ago }}
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
    where {{ entity }}.{{ known }} >= {{ quarter_ago }}
    {%- endfor %}
),

counted as (
    select
        asked.*,
        {{ as_of }} as as_of_date,
        cast(count(facts.known_at) as integer) as fact_count_13w,
        max(facts.fact_date) filter (where facts.fact_date < {{ as_of }}) as last_fact_date,
        max(facts.known_at) as last_known_at,
    from asked
    left join facts
        on asked.entity = facts.entity and asked.systems = facts.systems and asked.campus = facts.campus
    group by all
),

-- Of work, a service that has told of any campus has told: at a small one, months may pass without news.
heard as (
    select
        *,
        case
            when entity = 'outcome_events'
                then coalesce(max(last_known_at) over (partition by entity, systems), {{ quarter_ago }})
            when training_since is not null
                then greatest(last_known_at, training_since)
        end as heard_at,
    from counted
),

final as (
    select
        * exclude (training_since, heard_at),
        cast({{ as_of }} - cast(last_known_at as date) as integer) as silent_days,
        coalesce(cast(heard_at as date) < fresh_from_date, false) as is_stale,
    from heard
)

select * from final
