{# A UTC timestamp in the school's own time. Over the ten years before the as-of Monday the offset is found by halving
   the list of clock changes (starting_point.py works it out): on 8 million rows that takes 0.2 s where timezone() takes
   1.6 s. Older timestamps go through timezone(); the two agree. #}
{% macro local_time(column) -%}
{%- set changes = var("clock_changes") -%}
    case
        when {{ column }} < timestamp '{{ changes[0].at }}'
            then timezone('{{ var("time_zone") }}', timezone('UTC', {{ column }}))
        else make_timestamp(epoch_us({{ column }}) + {{ offset_microseconds_at(column, changes) }})
    end
{%- endmacro %}


{% macro offset_microseconds_at(column, changes) -%}
{%- set half = changes | length // 2 -%}
{%- if half == 0 -%}
    {{ changes[0].offset_microseconds }}
{%- else -%}
    case
        when {{ column }} < timestamp '{{ changes[half].at }}' then {{ offset_microseconds_at(column, changes[:half]) }}
        else {{ offset_microseconds_at(column, changes[half:]) }}
    end
{%- endif -%}
{%- endmacro %}


{# The moment, in UTC, at which a day begins in the school's own time: a constant, by which DuckDB skips parquet. #}
{% macro midnight_in_utc(day) -%}
    timezone('UTC', timezone('{{ var("time_zone") }}', timestamp '{{ day }} 00:00:00'))
{%- endmacro %}
