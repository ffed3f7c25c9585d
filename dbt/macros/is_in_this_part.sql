{# Whether an enrolment lies in the range that is being put together; all do where nothing is done in parts. A range rather
   than a hash: of facts that lie in the order of their enrolments nothing else is read. Cast because a bound that nobody
   set, or that a school without enrolments does not have, has no type. #}
{% macro is_in_this_part() -%}
    (getvariable('part_first') is null or enrolment_id >= cast(getvariable('part_first') as text))
    {{- " and" }} (getvariable('part_end') is null or enrolment_id < cast(getvariable('part_end') as text))
{%- endmacro %}
