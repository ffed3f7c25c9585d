{# The Monday 00:00, in the school's own time, that this build looks back from. #}
{% macro as_of_midnight() -%}
    timestamp '{{ var("as_of") }} 00:00:00'
{%- endmacro %}
