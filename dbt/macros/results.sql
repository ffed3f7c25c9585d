{# Days between hand-in and due date, each at most four weeks; late is below nought. #}
{% macro hand_in_lead_days() -%}
    least(28, greatest(-28, due_date - submitted_date))
{%- endmacro %}


{# A score in hundredths, so that sums are exact. #}
{% macro score_hundredths() -%}
    cast(round(score_pct * 100) as integer)
{%- endmacro %}
