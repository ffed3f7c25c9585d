{# The last day of a definition's window after a day of leaving. #}
{% macro window_end(left_date) -%}
    cast(
        case window_unit
            when 'day' then {{ left_date }} + window_count
            when 'month' then {{ left_date }} + to_months(window_count)
            when 'quarter' then date_trunc('quarter', {{ left_date }}) + to_months(3 * window_count + 3) - interval 1 day
        end as date
    )
{%- endmacro %}


{# The first day on which work counts towards a definition. #}
{% macro window_start(left_date) -%}
    cast(
        case measure
            when 'at_work_on_day' then {{ window_end(left_date) }}
            when 'worked_in_quarter' then date_trunc('quarter', {{ left_date }}) + to_months(3 * window_count)
            else {{ left_date }}
        end as date
    )
{%- endmacro %}


{# An outcome that was final on the Monday of the last build: no day passes any more that could change it. #}
{% macro final_before_last_build() -%}
    mature_date < date '{{ var("previous_as_of") }}'
{%- endmacro %}


{# An answer without work given this many days before the window closes, or later, says that there was none in it. #}
{% macro answer_tolerance_days() -%}
    14
{%- endmacro %}


{# Sustained: at work on both of these days after leaving; a gap of so many days between two jobs does not count. #}
{% macro sustained_days() -%}
    {{ return([180, 365]) }}
{%- endmacro %}


{% macro is_at_work_on(day, gap_days=14) -%}
    jobs.start_date <= exits.left_date + {{ day }}
    and coalesce(jobs.end_date, date '9999-12-31') >= exits.left_date + {{ day }} - {{ gap_days }}
{%- endmacro %}


{# Wilson's score interval for a share, 95 %: the lower or the upper limit; null for nobody. Floating point would carry the
   limits of 0 and 1 a little beyond. Wilson (1927), JASA 22:209-212. #}
{% macro wilson(successes, trials, side) -%}
{%- set z = "1.959963984540054" -%}
{%- set share = "(1.0 * (" ~ successes ~ ") / " ~ trials ~ ")" -%}
    case
        when {{ trials }} > 0
            then {{ "greatest(0" if side == "low" else "least(1" }}, (
                {{ share }} + {{ z }} * {{ z }} / (2.0 * {{ trials }})
                {{ "-" if side == "low" else "+" }} {{ z }} * sqrt(
                    greatest({{ share }} * (1 - {{ share }}), 0) / {{ trials }}
                    + {{ z }} * {{ z }} / (4.0 * {{ trials }} * {{ trials }})
                )
            ) / (1 + {{ z }} * {{ z }} / {{ trials }}))
    end
{%- endmacro %}


{# The Kaplan-Meier estimate, by group and day: who was still waiting, who found work that day, the share placed by its
   end, and a 95 % interval (Greenwood's variance on the log-log scale). The relation has the keys, waited_days and
   is_event; a group's day on which only censored people leave has no row.
   Kaplan and Meier (1958), JASA 53:457-481; Kalbfleisch and Prentice (1980). #}
{% macro kaplan_meier(relation, keys) -%}
{%- set group = keys | join(", ") -%}
    select
        {{ group }},
        waited_days,
        at_risk_count,
        event_count,
        1 - surviving as placed_share,
        1 - case
            when surviving in (0, 1) then surviving
            else exp(-exp(ln(-ln(surviving)) - 1.959963984540054 * sqrt(variance) / abs(ln(surviving))))
        end as placed_share_low,
        1 - case
            when surviving in (0, 1) then surviving
            else exp(-exp(ln(-ln(surviving)) + 1.959963984540054 * sqrt(variance) / abs(ln(surviving))))
        end as placed_share_high,
    from (
        select
            *,
            case
                when min(at_risk_count - event_count) over so_far = 0 then 0
                else exp(sum(ln(greatest(at_risk_count - event_count, 0.5) / at_risk_count)) over so_far)
            end as surviving,
            sum(
                event_count / (at_risk_count * greatest(at_risk_count - event_count, 0.5))
            ) over so_far as variance,
        from (
            select
                *,
                sum(left_count) over (
                    partition by {{ group }} order by waited_days desc
                ) as at_risk_count,
            from (
                select
                    {{ group }},
                    waited_days,
                    count(*) as left_count,
                    count(*) filter (where is_event) as event_count,
                from {{ relation }}
                group by {{ group }}, waited_days
            )
        )
        where event_count > 0
        window so_far as (partition by {{ group }} order by waited_days)
    )
{%- endmacro %}
