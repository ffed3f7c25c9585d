{# The rules of a coach's list, beyond its capacity: docs/decisions/0023-what-was-shown-is-a-fact.md. #}

{# Who is on the list stays until somebody else's need is this many times as great. #}
{% macro stay_factor() -%} 1.25 {%- endmacro %}

{# A name stays at least this many weeks, unless it is contacted or has no reason any more. #}
{% macro least_weeks_on_list() -%} 2 {%- endmacro %}

{# After a contact, the name makes room for this long. #}
{% macro cool_down_days() -%} 14 {%- endmacro %}

{# Names beside the list, drawn by lot. #}
{% macro also_check_in_count() -%} 1 {%- endmacro %}

{# A need that is smaller by as much as one of the ten dots has become better. #}
{% macro better_by_probability() -%} 0.1 {%- endmacro %}

{# The place by need alone among the learners of a coach (or of a cohort that has none); equal need in a fixed order. #}
{% macro list_position(by) -%}
    cast(
        row_number() over (
            partition by {{ by }}
            order by support_need_probability desc nulls last, enrolment_id asc
        ) as integer
    )
{%- endmacro %}

{# Near the cut: the ten trainings on other draws of the cohorts disagree whether the learner is on the list, so that a toss of a
   coin could have given their votes. Between 2 and 8 votes of 10 a two-sided binomial test at 5 % cannot tell; 0, 1, 9 and 10 it
   can (one chance in 47). #}
{% macro is_near_cut() -%}
    coalesce(listed_share between 0.2 and 0.8, false)
{%- endmacro %}
