{# Days between hand-in and due date, each at most four weeks; late is below nought, and without a date it is unknown:
   least and greatest pass over a null. #}
{% macro hand_in_lead_days() -%}
    case when due_date - submitted_date is not null then least(28, greatest(-28, due_date - submitted_date)) end
{%- endmacro %}


{# A score in hundredths, so that sums are exact. #}
{% macro score_hundredths() -%}
    cast(round(score_pct * 100) as integer)
{%- endmacro %}


{# Above 0 and at most 1: one part in a hundred, or all of a scale from 0 to 1. Which of the two, the mark does not say. #}
{% macro is_on_either_scale(score_hundredths) -%}
    {{ score_hundredths }} between 1 and 100
{%- endmacro %}


{# From this share of such marks on, those of a piece of work are on two scales and say nothing: decision 39. #}
{% macro two_scales_share() -%}
    0.1
{%- endmacro %}
