{# Whether an enrolment lies in the range that is being put together; all do where nothing is done in parts. A range rather
   than a hash: of facts that lie in the order of their enrolments nothing else is read. #}
{% macro is_in_this_part() -%}
    (getvariable('part_first') is null or enrolment_id >= getvariable('part_first'))
    {{- " and" }} (getvariable('part_end') is null or enrolment_id < getvariable('part_end'))
{%- endmacro %}
