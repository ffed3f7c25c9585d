{# Whether an enrolment belongs to the part that is being put together; all do where nothing is done in parts. #}
{% macro is_in_this_part() -%}
    (getvariable('part') is null or hash(enrolment_id) % getvariable('parts') = getvariable('part'))
{%- endmacro %}
