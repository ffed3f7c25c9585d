{# Rows of a kept table that no longer hold are deleted before a build that carries on adds what is missing.
   See docs/decisions/0031-outcomes-are-carried-over-by-a-hash-of-their-inputs.md. #}
{% macro forget_rows(condition) -%}
    {%- if carries_on() -%}
    delete from {{ this }} as before where {{ condition }}
    {%- endif -%}
{%- endmacro %}


{# Rows stay that are final and were worked out from what is known now: the table keeps one number for all of it,
   inputs_hash, beside its rows, and `now` is the SQL that works out that number as it is today. #}
{% macro forget_changed_rows(now, key, is_final="true") -%}
    {%- set condition -%}
        not coalesce({{ is_final }}, false)
        or not exists (
            select 1 from ({{ now }}) as current_inputs
            where
                current_inputs.inputs_hash = before.inputs_hash
                {%- for column in key %}
                and current_inputs.{{ column }} = before.{{ column }}
                {%- endfor %}
        )
    {%- endset -%}
    {{ forget_rows(condition) }}
{%- endmacro %}


{# The rows of a relation that the table does not have, or no longer: those that have to be worked out. With `among`, a
   condition that one of the table's rows of each key fulfils, fewer are compared. #}
{% macro missing_rows(relation, key, among="true") -%}
    select * from {{ relation }}
    {%- if carries_on() %}
    anti join (select {{ key | join(", ") }} from {{ this }} where {{ among }}) as there using ({{ key | join(", ") }})
    {%- endif %}
{%- endmacro %}


{# Before a build that carries on: the rows that stay are of this Monday now. #}
{% macro restamp_rows(column) -%}
    {%- if carries_on() -%}
    update {{ this }} set {{ column }} = date '{{ var("as_of") }}'
    {%- endif -%}
{%- endmacro %}
