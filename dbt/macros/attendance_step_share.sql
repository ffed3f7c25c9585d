{# A change of attendance over four weeks that is more than chance: two days of the twenty. #}
{% macro attendance_step_share() -%}
    0.1
{%- endmacro %}
