{%- set outcomes = ["placed", "placed_subsidised", "not_placed", "unknown", "immature"] %}
{%- set knows_outcomes = feeding_systems("outcome_events") %}

with

cohorts as (
    select * from {{ ref("dim_cohort") }}
),

enrolments as (
    select * from {{ ref("fct_enrolment") }}
),

status_changes as (
    select * from {{ ref("fct_enrolment_status") }}
),

placements as (
    select * from {{ ref("int_placements") }}
),

starters as (
    select distinct enrolment_id from status_changes
    where status in ('started', 'in_internship', 'completed', 'failed') and effective_date < date '{{ var("as_of") }}'
),

counted as (
    select
        enrolments.cohort_id,
        count(*) as enrolled_count,
        count(starters.enrolment_id) as started_count,
        count(*) filter (where enrolments.status = 'completed') as completed_count,
        count(*) filter (where enrolments.status in ('dropped_out', 'excluded')) as left_early_count,
        count(*) filter (where enrolments.status = 'failed') as failed_count,
        count(*) filter (where enrolments.is_active) as in_training_count,
        {%- for outcome in outcomes %}
        count(*) filter (
            where enrolments.status = 'completed' and placements.outcome = '{{ outcome }}'
        ) as {{ outcome }}_count,
        {%- endfor %}
        count(*) filter (where enrolments.status = 'completed' and not placements.is_mature) as waiting_count,
    from enrolments
    left join starters on enrolments.enrolment_id = starters.enrolment_id
    left join placements on enrolments.enrolment_id = placements.enrolment_id
    group by enrolments.cohort_id
),

-- A share is only given once every completer's horizon and reporting lag are over: before, it would flatter.
matured as (
    select
        *,
        completed_count > 0 and waiting_count = 0 and in_training_count = 0 as is_mature,
    from counted
),

final as (
    select
        cohorts.cohort_id,
        cohorts.training_id,
        '{{ var("definition_id") }}' as definition_id,
        cohorts.campus,
        cast(coalesce(matured.enrolled_count, 0) as integer) as enrolled_count,
        cast(coalesce(matured.started_count, 0) as integer) as started_count,
        cast(coalesce(matured.completed_count, 0) as integer) as completed_count,
        cast(coalesce(matured.failed_count, 0) as integer) as failed_count,
        cast(coalesce(matured.left_early_count, 0) as integer) as left_early_count,
        cast(coalesce(matured.in_training_count, 0) as integer) as in_training_count,
        {%- for outcome in outcomes %}
        cast(
            {{ "coalesce(matured." ~ outcome ~ "_count, 0)" if knows_outcomes else "null" }} as integer
        ) as {{ outcome }}_count,
        {%- endfor %}
        {%- if knows_outcomes %}
        case when matured.is_mature then matured.placed_count / matured.completed_count end as placed_share_lower,
        case
            when matured.is_mature then (matured.placed_count + matured.unknown_count) / matured.completed_count
        end as placed_share_upper,
        coalesce(matured.is_mature, false) as is_mature,
        {%- else %}
        cast(null as double) as placed_share_lower,
        cast(null as double) as placed_share_upper,
        cast(null as boolean) as is_mature,
        {%- endif %}
        cast({{ var("target_rate") }} as double) as target_share,
        cohorts.start_date,
    from cohorts
    left join matured on cohorts.cohort_id = matured.cohort_id
)

select * from final
