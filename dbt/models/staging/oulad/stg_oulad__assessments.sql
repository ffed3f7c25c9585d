with

assessments as (
    {{ newest_version(source("oulad", "assessments"), ["id_assessment"]) }}
),

presentations as (
    select * from {{ ref("stg_oulad__presentations") }}
),

-- Most examinations have no day: they are due at the end of the presentation.
joined as (
    select
        assessments.id_assessment as assessment_id,
        {{ known_after_lag("presentations.published_date", "assessments") }} as known_at,
        presentations.cohort_id,
        assessments.assessment_type,
        assessments.weight as weight_pct,
        coalesce(presentations.start_date + cast(assessments.date as integer), presentations.end_date) as due_date,
    from assessments
    inner join presentations
        on
            assessments.code_module = presentations.code_module
            and assessments.code_presentation = presentations.code_presentation
)

select * from joined
