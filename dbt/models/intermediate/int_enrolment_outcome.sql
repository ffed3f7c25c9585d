{{ config(
    materialized="kept_rows",
    pre_hook="{{ forget_changed_rows(
        leavers(ref('int_enrolment_exits'), ref('int_current_outcome_events')), ['enrolment_id'],
        is_final=final_before_last_build()
    ) }}",
) }}
with

exits as (
    select * from {{ ref("int_enrolment_exits") }}
),

jobs as (
    select * from {{ ref("int_learner_jobs") }}
    where overruled_by is null
),

outcome_events as (
    select * from {{ ref("int_current_outcome_events") }}
),

outcome_definitions as (
    select * exclude (title, source, note) from {{ ref("outcome_definitions") }}
),

leavers as (
    {{ leavers("exits", "outcome_events") }}
),

-- Everybody who left, under every definition: the window, and from when on what is known of it is final.
all_windows as (
    select
        leavers.*,
        outcome_definitions.*,
        {{ window_start("leavers.left_date") }} as window_start_date,
        {{ window_end("leavers.left_date") }} as window_end_date,
        {{ window_end("leavers.left_date") }} + outcome_definitions.reporting_lag_days as mature_date,
    from leavers
    cross join outcome_definitions
),

windows as (
    {{ missing_rows("all_windows", ["enrolment_id", "definition_id"]) }}
),

counting as (
    {{ counting_jobs() }}
),

so_far as (
    {{ with_worked_days("counting") }}
),

-- The job that made the definition hold: the first one, or the one that brought the days to what is asked.
placed_by_job as (
    select
        *,
        case when measure = 'worked_days_within' then from_date else start_date end as placed_date,
    from so_far
    where worked_days >= min_days_count or measure = 'found_work_within'
    qualify
        row_number() over (
            partition by enrolment_id, definition_id
            order by from_date, precedence, known_at, outcome_event_id
        ) = 1
),

trained_further as (
    select
        windows.enrolment_id,
        windows.definition_id,
        outcome_events.known_at,
        outcome_events.evidence_class,
        outcome_events.event_date as placed_date,
    from windows
    inner join outcome_events
        on
            windows.learner_id = outcome_events.learner_id
            and outcome_events.event_date between windows.left_date and windows.window_end_date
    where windows.counts_further_training and outcome_events.event_type = 'further_training'
    qualify
        row_number() over (
            partition by windows.enrolment_id, windows.definition_id
            order by outcome_events.event_date, outcome_events.known_at
        ) = 1
),

-- Evidence of no placement: a job since leaving that does not meet the definition, or an answer without one when the
-- window was (nearly) over. A job of unknown occupation proves nothing where the field matters.
answered as (
    select
        windows.enrolment_id,
        windows.definition_id,
        bool_or(
            outcome_events.is_job
            and outcome_events.event_date >= windows.left_date
            and not (windows.is_in_field_required and outcome_events.is_in_field is null)
            or outcome_events.event_type in ('seeking', 'not_seeking', 'further_training')
            and outcome_events.event_date >= windows.window_end_date - {{ answer_tolerance_days() }}
        ) as has_answered,
    from windows
    inner join outcome_events on windows.learner_id = outcome_events.learner_id
    group by windows.enrolment_id, windows.definition_id
),

at_work as (
    select
        exits.enrolment_id,
        bool_or({{ is_at_work_on(sustained_days()[0]) }}) and bool_or({{ is_at_work_on(sustained_days()[1]) }})
            as is_throughout,
    from exits
    inner join jobs on exits.learner_id = jobs.learner_id
    where exits.has_left
    group by exits.enrolment_id
),

classified as (
    select
        windows.*,
        {{ reason_of_exclusion() }} as excluded_reason,
        coalesce(placed_by_job.placed_date, trained_further.placed_date) as placed_date,
        coalesce(placed_by_job.known_at, trained_further.known_at) as placed_known_at,
        coalesce(placed_by_job.evidence_class, trained_further.evidence_class) as evidence_class,
        placed_by_job.is_in_field,
        placed_by_job.is_at_school,
        placed_by_job.is_at_partner,
        placed_by_job.is_subsidised,
        placed_by_job.contract_type,
        placed_by_job.hours_pct,
        coalesce(answered.has_answered, false) as has_answered,
        coalesce(at_work.is_throughout, false) as is_at_work_throughout,
    from windows
    left join placed_by_job
        on
            windows.enrolment_id = placed_by_job.enrolment_id
            and windows.definition_id = placed_by_job.definition_id
    left join trained_further
        on
            windows.enrolment_id = trained_further.enrolment_id
            and windows.definition_id = trained_further.definition_id
    left join answered
        on windows.enrolment_id = answered.enrolment_id and windows.definition_id = answered.definition_id
    left join at_work on windows.enrolment_id = at_work.enrolment_id
),

final as (
    select
        enrolment_id,
        definition_id,
        cohort_id,
        learner_id,
        status,
        excluded_reason,
        case
            when excluded_reason is not null then 'excluded'
            when mature_date > date '{{ var("as_of") }}' then 'immature'
            when placed_date is not null then 'placed'
            when has_answered then 'not_placed'
            else 'unknown'
        end as outcome,
        evidence_class,
        contract_type,
        hours_pct,
        is_in_field,
        is_at_school,
        is_at_partner,
        is_subsidised,
        placed_date is not null as is_placed,
        placed_date is not null and is_at_work_throughout as is_sustained,
        mature_date <= date '{{ var("as_of") }}' as is_mature,
        left_known_at,
        placed_known_at,
        left_date,
        window_end_date,
        mature_date,
        placed_date,
        -- Days waited for work, as far as the sources can have told: the rest is censored.
        case
            when measure = 'found_work_within' then least(
                coalesce(placed_date, window_end_date) - left_date,
                greatest(0, date '{{ var("as_of") }}' - reporting_lag_days - left_date),
                window_end_date - left_date
            )
        end as waited_days,
        coalesce(
            placed_date is not null
            and placed_date - left_date <= greatest(0, date '{{ var("as_of") }}' - reporting_lag_days - left_date),
            false
        ) as is_event,
        inputs_hash,
    from classified
)

select * from final
