{# Versions of a heavy fact that a later version of the same key replaced, each with the moment it was replaced.
   Only keys with a correction are looked at, whichever of their versions carries the mark: rows may land in any order.
   A build that carries on needs those that were replaced since the last build: joins on the bare key, because DuckDB then
   skips the parquet whose days lie outside those of the build side; in UTC, so that local time is worked out at the end. #}
{% macro superseded_versions(facts, key) -%}
{%- set columns = key | join(", ") -%}
    select
        * exclude (replaced_at_utc),
        {{ local_time("replaced_at_utc") }} as replaced_at,
    from (
        select
            facts.* exclude (known_at),
            lead(facts.known_at_utc) over (
                partition by {% for column in key %}facts.{{ column }}{{ ", " if not loop.last }}{% endfor %}
                order by facts.known_at_utc
            ) as replaced_at_utc,
        from {{ facts }} as facts
        semi join (
            select {{ columns }} from {{ facts }}
            {%- if carries_on() %}
            semi join (
                select {{ columns }} from {{ facts }}
                where {{ is_newly_known() }}
            ) as newly_known using ({{ columns }})
            {%- endif %}
            where is_correction
        ) as corrected using ({{ columns }})
        qualify replaced_at_utc is not null and {{ is_newly_known("replaced_at_utc") }}
    ) as replaced
{%- endmacro %}
