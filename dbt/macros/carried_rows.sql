{# Rows that a build which carries on takes over from the last one, because all that they were worked out from is the same:
   `now` has one row per key with inputs_hash, one number for all of it, and the table keeps that number beside its rows.
   See docs/decisions/0031-outcomes-are-carried-over-by-a-hash-of-their-inputs.md. #}

{# The rows of `now` that have to be worked out: all of them in a build from nothing. #}
{% macro changed_rows(now, key, still_true="true") -%}
    select * from {{ now }}
    {%- if carries_on() %}
    anti join (
        select {{ key | join(", ") }}, inputs_hash from {{ this }}
        where {{ still_true }}
    ) as before using ({{ key | join(", ") }}, inputs_hash)
    {%- endif %}
{%- endmacro %}


{# The others, as the last build left them. #}
{% macro and_carried_rows(now, key, still_true="true") -%}
    {%- if carries_on() -%}
    union all by name
    select before.* from {{ this }} as before
    semi join {{ now }} using ({{ key | join(", ") }}, inputs_hash)
    where {{ still_true }}
    {%- endif -%}
{%- endmacro %}
