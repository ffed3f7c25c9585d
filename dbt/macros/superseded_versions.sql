{# Versions of a heavy fact that a later version of the same key replaced, each with the moment it was replaced.
   Only keys with a correction are looked at, whichever of their versions carries the mark: rows may land in any order.
   An incremental run needs those that were replaced since the last build. #}
{% macro superseded_versions(facts, key) -%}
    select
        versions.*,
        lead(versions.known_at) over (
            partition by {% for column in key %}versions.{{ column }}{{ ", " if not loop.last }}{% endfor %}
            order by versions.known_at
        ) as replaced_at,
    from {{ facts }} as versions
    where ({% for column in key %}versions.{{ column }}{{ ", " if not loop.last }}{% endfor %}) in (
        select ({{ key | join(", ") }}) from {{ facts }}
        where is_correction
    )
    {%- if is_incremental() %}
    and ({% for column in key %}versions.{{ column }}{{ ", " if not loop.last }}{% endfor %}) in (
        select ({{ key | join(", ") }}) from {{ facts }}
        where {{ is_newly_known("known_at") }}
    )
    {%- endif %}
    qualify replaced_at is not null and {{ is_newly_known("replaced_at") }}
{%- endmacro %}
