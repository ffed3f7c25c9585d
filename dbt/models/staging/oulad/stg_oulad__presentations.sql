with

courses as (
    {{ newest_version(source("oulad", "courses"), ["code_module", "code_presentation"]) }}
),

presentation_starts as (
    select * from {{ ref("oulad_presentations") }}
),

joined as (
    select
        courses.code_module || '-' || courses.code_presentation as cohort_id,
        courses.code_module,
        courses.code_presentation,
        presentation_starts.published_date,
        presentation_starts.start_date,
        presentation_starts.start_date + cast(courses.module_presentation_length as integer) as end_date,
    from courses
    left join presentation_starts on courses.code_presentation = presentation_starts.code_presentation
)

select * from joined
