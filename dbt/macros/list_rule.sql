{# Who is named on a coach's list: within the coaches' capacity, scored, and with a fact that can still change, for a name
   without one gives the coach nothing to ask. #}
{% macro is_listed() -%}
    list_position <= {{ var("capacity") }}
    and support_need_probability is not null
    and reason_1_code is not null
{%- endmacro %}


{# Near the cut: the ten refits on other draws of the cohorts disagree whether the learner is on the list, so that a toss of a
   coin could have given their votes. Between 2 and 8 votes of 10 a two-sided binomial test at 5 % cannot tell; 0, 1, 9 and 10 it
   can (one chance in 47). #}
{% macro is_near_cut() -%}
    coalesce(listed_share between 0.2 and 0.8, false)
{%- endmacro %}


{# The place on the list of a coach (or of a cohort that has none), by need; equal need in a fixed order. #}
{% macro list_position(by) -%}
    cast(
        row_number() over (
            partition by {{ by }}
            order by support_need_probability desc nulls last, enrolment_id asc
        ) as integer
    )
{%- endmacro %}


{# Wilson's score interval for a share, 95 %: the lower or the upper limit; null for nobody.
   Wilson (1927), JASA 22:209-212. #}
{% macro wilson_limit(successes, trials, side) -%}
{%- set z = "1.959963984540054" -%}
    (
        1.0 * {{ successes }} / nullif({{ trials }}, 0) + {{ z }} * {{ z }} / (2.0 * {{ trials }})
        {{ "-" if side == "low" else "+" }} {{ z }} * sqrt(
            1.0 * {{ successes }} * ({{ trials }} - {{ successes }}) / nullif(pow({{ trials }}, 3), 0)
            + {{ z }} * {{ z }} / (4.0 * pow({{ trials }}, 2))
        )
    ) / (1 + {{ z }} * {{ z }} / {{ trials }})
{%- endmacro %}
