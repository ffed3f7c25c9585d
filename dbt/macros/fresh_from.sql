{# The day on which the newest fact of that kind must have been known to be fresh on the Monday, as [freshness] of school.toml
   says; null where any silence is fine. #}
{% macro fresh_from(entity) -%}
    {% set day = var("fresh_from").get(entity) -%}
    {{ "date '" ~ day ~ "'" if day else "cast(null as date)" }}
{%- endmacro %}
