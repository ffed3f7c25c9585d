{# A conformed entity: every version known before the as-of Monday, once per key of its contract. Of one that is kept, a
   build that carries on adds those known since. #}
{% macro conform(entity) -%}
{%- set is_known = "known_at < " ~ as_of_midnight() -%}
{%- if config.get("materialized") == "kept_rows" and carries_on() -%}
    {%- set is_known = is_known ~ " and known_at >= timestamp '" ~ var("previous_as_of") ~ " 00:00:00'" -%}
{%- endif -%}
with

known as (
    {{ known_rows(entity, is_known) }}
),

final as (
    select *
    from known
    qualify
        row_number() over (
            partition by {{ contract_key() | join(", ") }}
            order by {{ model.columns | reject("in", contract_key()) | join(", ") }}
        ) = 1
)

select * from final
{%- endmacro %}


{# The same for the heavy facts: a view over parquet with nothing but projection and the as-of filter, in UTC so that
   the local time is worked out only for rows that somebody reads. The landing already keeps (key, known_at) unique, and
   checking it again on millions of rows would cost more than the panel. #}
{% macro conform_facts(entity) -%}
with

known as (
    {{ known_rows(entity, "known_at_utc < " ~ midnight_in_utc(var("as_of"))) }}
)

select * from known
{%- endmacro %}


{# The rows of every system that feeds the entity; a typed empty relation where none does. #}
{% macro known_rows(entity, is_known) -%}
{%- set columns = model.columns.values() | list -%}
{%- for system in feeding_systems(entity) %}
    select {{ columns | map(attribute="name") | join(", ") }}
    from {{ ref("stg_" ~ system ~ "__" ~ entity) }}
    where {{ is_known }}
    {%- if not loop.last %}
    union all
    {%- endif %}
{%- else %}
    select
        {%- for column in columns %}
        cast(null as {{ column.data_type }}) as {{ column.name }}{{ "," if not loop.last }}
        {%- endfor %}
    where false
{%- endfor %}
{%- endmacro %}


{# Systems whose staging models feed the entity at this school; empty where the school does not have it. #}
{% macro feeding_systems(entity) -%}
    {{ return(var("entities").get(entity, [])) }}
{%- endmacro %}


{# Columns of the primary key that the model's contract declares. #}
{% macro contract_key() -%}
    {{ return((model.constraints | selectattr("type", "equalto", "primary_key") | first or {}).get("columns", [])) }}
{%- endmacro %}
