{# When a fact of that day is taken as known: 00:00 of that day plus the lag that school.toml declares for the entity,
   so that it is before a Monday exactly when its day plus the lag is. For history without a recorded-at date. #}
{% macro known_after_lag(fact_date, entity) -%}
    cast({{ fact_date }} + {{ var("known_lag_days").get(entity, 0) }} as timestamp)
{%- endmacro %}
