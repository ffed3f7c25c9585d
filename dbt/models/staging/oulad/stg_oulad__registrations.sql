with

student_info as (
    {{ newest_version(source("oulad", "student_info"), ["code_module", "code_presentation", "id_student"]) }}
),

student_registration as (
    {{ newest_version(source("oulad", "student_registration"), ["code_module", "code_presentation", "id_student"]) }}
),

presentations as (
    select * from {{ ref("stg_oulad__presentations") }}
),

education_levels as (
    select * from {{ ref("oulad_education_levels") }}
),

dated as (
    select
        presentations.cohort_id || '-' || student_info.id_student as enrolment_id,
        student_info.id_student as learner_id,
        presentations.cohort_id,
        student_info.gender,
        student_info.age_band,
        student_info.final_result,
        education_levels.education_isced,
        cast(student_info.num_of_prev_attempts as integer) as prior_attempts_count,
        cast(student_info.studied_credits as integer) as credits_studied,
        lower(student_info.disability) in ('y', '1', 'true') as has_disability,
        presentations.start_date,
        presentations.end_date,
        presentations.start_date + cast(student_registration.date_registration as integer) as registered_date,
        presentations.start_date + cast(student_registration.date_unregistration as integer) as unregistered_date,
    from student_info
    inner join presentations
        on
            student_info.code_module = presentations.code_module
            and student_info.code_presentation = presentations.code_presentation
    left join student_registration
        on
            student_info.code_module = student_registration.code_module
            and student_info.code_presentation = student_registration.code_presentation
            and student_info.id_student = student_registration.id_student
    left join education_levels on student_info.highest_education = education_levels.highest_education
),

-- A few registrations have no date: they count from the day before the start, or from their unregistration if earlier.
final as (
    select
        *,
        coalesce(registered_date, least(start_date - 1, unregistered_date)) as enrolled_date,
    from dated
)

select * from final
