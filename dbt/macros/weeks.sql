{# Weeks are numbered from Monday 5 January 1970, week 0. The week from which a fact of this day counts: that of the
   first Monday after it, because a Monday's run sees what lies strictly before it. #}
{% macro visible_week(day) -%}
    cast(({{ day }} - date '1970-01-05') // 7 + 1 as integer)
{%- endmacro %}


{# The week of the last Monday on or before this day. #}
{% macro week_of(day) -%}
    cast(({{ day }} - date '1970-01-05') // 7 as integer)
{%- endmacro %}


{# The Monday of a week. #}
{% macro monday_of(week) -%}
    (date '1970-01-05' + 7 * {{ week }})
{%- endmacro %}


{# Week of the as-of Monday. #}
{% macro as_of_week() -%}
    {{ week_of("date '" ~ var("as_of") ~ "'") }}
{%- endmacro %}


{# Week of the Monday that the kept state is true for; only a build that carries on asks. #}
{% macro last_built_week() -%}
    {{ week_of("date '" ~ var("previous_as_of") ~ "'") }}
{%- endmacro %}


{# The last week of the panel in which a version of an enrolment stands. #}
{% macro last_panel_week() -%}
    least(to_week - 1, coalesce({{ week_of("end_date") }}, {{ never() }}), {{ as_of_week() }})
{%- endmacro %}


{# Before a build that carries on: versions that stay go on until its Monday. #}
{% macro let_panel_go_on() -%}
    {%- if carries_on() -%}
    update {{ this }} set panel_to_week = {{ last_panel_week() }}
    {%- endif -%}
{%- endmacro %}


{# True for a version of a heavy fact that the kept state does not hold yet; everything in a build from nothing. #}
{% macro is_newly_known(moment="known_at_utc") -%}
    {% if carries_on() %}{{ moment }} >= {{ midnight_in_utc(var("previous_as_of")) }}{% else %}true{% endif %}
{%- endmacro %}


{# A week that never comes: the end of what still holds. Never null, because a join on "or is null" is a nested loop. #}
{% macro never() -%}
    999999
{%- endmacro %}
