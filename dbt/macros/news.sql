{# What a build that carries on has to look at again: that of which something came to be known since the last build. In a
   build from nothing everything is news. #}
{% macro is_news(column, relation) -%}
    {%- if carries_on() -%}
    {{ column }} in (select {{ column }} from {{ relation }} where {{ is_known_since_last_build() }})
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}


{% macro is_known_since_last_build() -%}
    known_at >= timestamp '{{ var("previous_as_of") }} 00:00:00'
{%- endmacro %}


{# Of an enrolment: of itself, of its learner or of a cohort that it was ever in. #}
{% macro is_news_enrolment(enrolments, cohorts, learners) -%}
    {%- if carries_on() -%}
    enrolment_id in (
        select enrolment_id from {{ enrolments }}
        where
            {{ is_known_since_last_build() }}
            or {{ is_news("cohort_id", cohorts) }}
            or {{ is_news("learner_id", learners) }}
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}


{# Of an outcome event: a version of it came to be known, or its day came; all are when the rule of what is in the field
   changed. #}
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


{# Of a learner's outcomes: such an event in any of its versions, or another event of the same job. #}
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
        {{ is_known_since_last_build() }}
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
