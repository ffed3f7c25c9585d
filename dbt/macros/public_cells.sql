{# What outsiders may see of the segments of a whole. The relation has keys of a publication (one whole each),
   segment_kind, segment_value and the counts; the whole is segment_kind 'all'. See decision "Outsiders see rounded
   margins". Per kind, cells with fewer people than least_people (23: rounded, still 20) or 8 placed are pooled, the smallest others with them until the
   pool is big enough and of two cells at least; every count is rounded to fives; and a kind whose rounded parts all but
   give the rounded whole away, or of which one value is left, is not shown. #}
{% macro public_cells(relation, keys, counts, least_people="23") -%}
{%- set group = keys | join(", ") -%}
{%- set by_kind = keys | join(", ") ~ ", segment_kind" -%}
    with

    marked as (
        select
            *,
            {{ counts[0] }} < {{ least_people }} or {{ counts[1] }} < 8 as is_small,
            count(*) filter (where {{ counts[0] }} < {{ least_people }} or {{ counts[1] }} < 8) over (
                partition by {{ by_kind }}
            ) as small_count,
        from {{ relation }}
        where {{ counts[0] }} > 0 or segment_kind = 'all'
    ),

    ordered as (
        select
            *,
            row_number() over smallest_first as place,
            {%- for count in counts %}
            sum({{ count }}) over smallest_first as {{ count }}_so_far,
            {%- endfor %}
        from marked
        window smallest_first as (
            partition by {{ by_kind }} order by is_small desc, {{ counts[0] }}, segment_value
            rows between unbounded preceding and current row
        )
    ),

    pooled as (
        select
            *,
            case
                when small_count = 0 then 0
                else min(place) filter (
                    where place >= greatest(small_count, 2)
                    and {{ counts[0] }}_so_far >= {{ least_people }} and {{ counts[1] }}_so_far >= 8
                ) over (partition by {{ by_kind }})
            end as pool_size,
        from ordered
    ),

    published as (
        select
            {{ by_kind }},
            case when place <= pool_size then 'others together' else segment_value end as segment_value,
            {%- for count in counts %}
            5 * cast(round(sum({{ count }}) / 5) as integer) as {{ count }},
            {%- endfor %}
        from pooled
        where pool_size is not null and (segment_kind <> 'all' or not is_small)
        group by {{ by_kind }}, case when place <= pool_size then 'others together' else segment_value end
    ),

    tight as (
        select
            {% for key in keys %}parts.{{ key }}, {% endfor %}
            parts.segment_kind,
        from published as parts
        left join published as wholes
            on
                {% for key in keys %}parts.{{ key }} = wholes.{{ key }} and {% endfor %}
                wholes.segment_kind = 'all'
        where parts.segment_kind <> 'all'
        group by {% for key in keys %}parts.{{ key }}, {% endfor %} parts.segment_kind
        having
            count(*) < 2
            or count(wholes.segment_kind) = 0
            {%- for count in counts %}
            or abs(sum(parts.{{ count }}) - max(wholes.{{ count }})) > 2 * count(*) - 1
            {%- endfor %}
    )

    select * from published
    anti join tight using ({{ by_kind }})
{%- endmacro %}
