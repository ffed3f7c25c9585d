{# What a build that carries on has to look at again of what the sources tell of outcomes: an event is news when a version
   of it came to be known since the last build, or its day came; everything is when the rule of what is in the field
   changed. In a build from nothing everything is news. #}
{% macro is_news_event(outcome_events, in_field_rules) -%}
    {%- if carries_on() -%}
    (
        outcome_event_id in ({{ _news_events("outcome_event_id", outcome_events) }})
        or {{ in_field_rule_on(in_field_rules, var("as_of")) }}
        is distinct from {{ in_field_rule_on(in_field_rules, var("previous_as_of")) }}
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}


{# The same for a learner: one with such an event in any of its versions, or with another event of the same job. #}
{% macro is_news_learner(outcome_events, in_field_rules) -%}
    {%- if carries_on() -%}
    learner_id in (
        select learner_id from {{ outcome_events }}
        where
            {{ is_news_event(outcome_events, in_field_rules) }}
            or job_id in ({{ _news_events("job_id", outcome_events) }})
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}


{% macro _news_events(column, outcome_events) -%}
    select {{ column }} from {{ outcome_events }}
    where
        known_at >= timestamp '{{ var("previous_as_of") }} 00:00:00'
        or event_date >= date '{{ var("previous_as_of") }}'
{%- endmacro %}


{# Version of the rule of what is in the field that holds on a Monday. #}
{% macro in_field_rule_on(in_field_rules, as_of) -%}
    (
        select max(in_field_rule_version)
        from {{ in_field_rules }}
        where valid_from <= date '{{ as_of }}'
    )
{%- endmacro %}
