{{ config(
    materialized="kept_rows",
    pre_hook=[
        "{{ forget_rows(is_news_enrolment(ref('enrolments'), ref('cohorts'), ref('learners'))) }}",
        "{{ let_panel_go_on() }}",
    ],
) }}

with

learners as (
    select * from {{ ref("learners") }}
),

all_enrolments as (
    select * from {{ ref("enrolments") }}
),

cohorts as (
    select * from {{ ref("cohorts") }}
),

enrolments as (
    select * from all_enrolments
    where {{ is_news_enrolment("all_enrolments", "cohorts", "learners") }}
),

-- The last version known before each Monday, and the week in which the next one took its place.
enrolment_weeks as (
    select
        *,
        {{ visible_week("cast(known_at as date)") }} as from_week,
    from enrolments
    qualify row_number() over (partition by enrolment_id, from_week order by known_at desc) = 1
),

enrolment_spans as (
    select
        *,
        lead(from_week, 1, {{ never() }}) over (partition by enrolment_id order by from_week) as to_week,
    from enrolment_weeks
),

cohort_weeks as (
    select
        *,
        {{ visible_week("cast(known_at as date)") }} as from_week,
    from cohorts
    qualify row_number() over (partition by cohort_id, from_week order by known_at desc) = 1
),

cohort_spans as (
    select
        *,
        lead(from_week, 1, {{ never() }}) over (partition by cohort_id order by from_week) as to_week,
    from cohort_weeks
),

joined as (
    select
        enrolment_spans.enrolment_id,
        enrolment_spans.learner_id,
        enrolment_spans.cohort_id,
        cohort_spans.training_id,
        cohort_spans.campus,
        enrolment_spans.prior_attempts_count,
        enrolment_spans.credits_studied,
        enrolment_spans.enrolled_date,
        cohort_spans.start_date,
        coalesce(cohort_spans.internship_end_date, cohort_spans.training_end_date) as end_date,
        greatest(enrolment_spans.from_week, cohort_spans.from_week) as from_week,
        least(enrolment_spans.to_week, cohort_spans.to_week) as to_week,
    from enrolment_spans
    inner join cohort_spans
        on
            enrolment_spans.cohort_id = cohort_spans.cohort_id
            and enrolment_spans.from_week < cohort_spans.to_week
            and enrolment_spans.to_week > cohort_spans.from_week
),

learner_weeks as (
    select
        learner_id,
        education_isced,
        {{ visible_week("cast(known_at as date)") }} as from_week,
    from learners
    qualify row_number() over (partition by learner_id, from_week order by known_at desc) = 1
),

-- Before a learner's first version is known, the enrolment stands without it.
learner_spans as (
    select
        learner_id,
        education_isced,
        from_week,
        lead(from_week, 1, {{ never() }}) over (partition by learner_id order by from_week) as to_week,
    from learner_weeks
    union all
    select
        learner_id,
        null as education_isced,
        0 as from_week,
        min(from_week) as to_week,
    from learner_weeks
    group by learner_id
),

completed as (
    select
        joined.* exclude (from_week, to_week),
        learner_spans.education_isced,
        greatest(joined.from_week, coalesce(learner_spans.from_week, 0)) as from_week,
        least(joined.to_week, coalesce(learner_spans.to_week, {{ never() }})) as to_week,
    from joined
    left join learner_spans
        on
            joined.learner_id = learner_spans.learner_id
            and joined.from_week < learner_spans.to_week
            and joined.to_week > learner_spans.from_week
),

-- The panel's Mondays: from a week after the start to the last one on or before the end.
final as (
    select
        *,
        greatest(from_week, {{ week_of("start_date + 13") }}) as panel_from_week,
        {{ last_panel_week() }} as panel_to_week,
    from completed
)

select * from final
