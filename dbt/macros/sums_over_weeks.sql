{# Sum of a count over the last weeks of a window whose weeks have no holes: looking back three times costs a third of a
   moving frame. #}
{% macro sum_of_last(weeks, count, window) -%}
    {{ count }}{% for back in range(1, weeks) %} + lag({{ count }}, {{ back }}, 0) over {{ window }}{% endfor %}
{%- endmacro %}


{# Two whole numbers of 32 bits, below nought too, as one of 64: summed together they cost one window instead of two. #}
{% macro pair_of(low, high) -%}
    {{ low }} + 4294967296 * cast({{ high }} as bigint)
{%- endmacro %}


{% macro low_of(pair) -%}
    cast((({{ pair }} + 2147483648) & 4294967295) - 2147483648 as integer)
{%- endmacro %}


{% macro high_of(pair) -%}
    cast(({{ pair }} - {{ low_of(pair) }}) >> 32 as integer)
{%- endmacro %}
