{# What makes or excludes a placement: the steps of int_enrolment_outcome that are definitions rather than joins. #}

{# Everybody who left, with all that is known of them as one number: as long as it stays, so does an outcome that is
   final. #}
{% macro leavers(exits, outcome_events) -%}
    select
        exits.*,
        hash(hash(exits), events_by_learner.events_hash) as inputs_hash,
    from {{ exits }} as exits
    left join (
        select
            learner_id,
            bit_xor(hash(outcome_events)) as events_hash,
        from {{ outcome_events }} as outcome_events
        group by learner_id
    ) as events_by_learner on exits.learner_id = events_by_learner.learner_id
    where exits.has_left{{ " and false" if not feeding_systems("outcome_events") }}
{%- endmacro %}


{# Of the CTEs windows and jobs: the jobs that count towards a definition, with the days of its window that they fill, as
   far as those have passed. #}
{% macro counting_jobs() -%}
    select
        windows.enrolment_id,
        windows.definition_id,
        windows.measure,
        windows.min_days_count,
        jobs.*,
        greatest(jobs.start_date, windows.window_start_date) as from_date,
        least(
            coalesce(jobs.end_date, windows.window_end_date), windows.window_end_date, date '{{ var("as_of") }}' - 1
        ) as to_date,
    from windows
    inner join jobs
        on
            windows.learner_id = jobs.learner_id
            and windows.window_end_date >= jobs.start_date
            and coalesce(jobs.end_date, windows.window_end_date) >= windows.window_start_date
    where
        (windows.measure <> 'found_work_within' or jobs.start_date >= windows.left_date)
        and (windows.counts_self_employed or not jobs.is_self_employed)
        and (windows.counts_agency or coalesce(jobs.contract_type, '') <> 'agency')
        and (windows.counts_subsidised or not jobs.is_subsidised)
        and (windows.counts_school_hired or not jobs.is_at_school)
        and (windows.min_hours_pct = 0 or jobs.hours_pct >= windows.min_hours_pct)
        and (not windows.is_in_field_required or jobs.is_in_field)
{%- endmacro %}


{# The same with the days worked so far. Days on which two jobs overlap are days once: each job adds what reaches beyond
   all that began before it. #}
{% macro with_worked_days(counting_jobs) -%}
    select
        *,
        sum(added_days) over (
            partition by enrolment_id, definition_id
            order by from_date, to_date, outcome_event_id
        ) as worked_days,
    from (
        select
            *,
            greatest(
                0,
                to_date + 1 - greatest(
                    from_date,
                    coalesce(
                        max(to_date + 1) over (
                            partition by enrolment_id, definition_id
                            order by from_date, to_date, outcome_event_id
                            rows between unbounded preceding and 1 preceding
                        ),
                        from_date
                    )
                )
            ) as added_days,
        from {{ counting_jobs }}
    ) as day_counts
{%- endmacro %}


{# Why somebody who left does not count under a definition; null for who does. #}
{% macro reason_of_exclusion() -%}
    case
        when windows.died_date <= windows.window_end_date then 'deceased'
        when not windows.has_started then 'not_started'
        when
            windows.denominator = 'graduates' and windows.status <> 'completed'
            or windows.denominator = 'completers' and windows.status not in ('completed', 'failed')
            then 'not_completed'
        when
            windows.denominator = 'starters_without_work' and coalesce(windows.unemployment_months, 0) = 0
            then 'not_without_work_on_entry'
        when windows.excludes_other_aims and not windows.wants_work_in_field then 'other_aim_on_entry'
        when
            windows.excludes_re_enrolled
            and windows.next_start_date between windows.left_date and windows.window_end_date
            then 're_enrolled'
    end
{%- endmacro %}
