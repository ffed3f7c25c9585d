{# The newest version of each key of a table that is delivered whole and carries no date of its own. #}
{% macro newest_version(relation, key) -%}
    select distinct on ({{ key | join(", ") }}) *
    from {{ relation }}
    order by {{ key | join(", ") }}, _known_at desc
{%- endmacro %}


{# The newest delivery of a table without a key: every row of it counts, and a second delivery replaces the first. #}
{% macro newest_delivery(relation) -%}
    select *
    from {{ relation }}
    where _known_at = (select max(newest._known_at) from {{ relation }} as newest)
{%- endmacro %}
