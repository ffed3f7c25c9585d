{# Employment spells of a register as dated events: one at the start, one at the end. An end that a later version
   withdrew stays as an event without a date, so that the latest version says that it no longer holds. #}
{% macro spell_events(spells) -%}
    select
        source || ':' || learner_id || ':' || start_date || ':start' as outcome_event_id,
        known_at,
        learner_id,
        source || ':' || learner_id || ':' || start_date as job_id,
        case when contract_type = 'self_employed' then 'self_employed' else event_type end as event_type,
        source,
        'register' as evidence_class,
        contract_type,
        subsidised_scheme,
        isco08,
        hours_pct,
        employer_is_partner,
        cast(null as boolean) as employer_is_school,
        start_date as event_date,
    from {{ spells }}
    union all
    select
        source || ':' || learner_id || ':' || start_date || ':end' as outcome_event_id,
        known_at,
        learner_id,
        source || ':' || learner_id || ':' || start_date as job_id,
        'job_end' as event_type,
        source,
        'register' as evidence_class,
        contract_type,
        subsidised_scheme,
        isco08,
        hours_pct,
        employer_is_partner,
        cast(null as boolean) as employer_is_school,
        end_date as event_date,
    from {{ spells }}
    where event_type = 'job_start'
    qualify
        end_date is not null
        or lag(end_date) over (partition by learner_id, start_date order by known_at) is not null
{%- endmacro %}
