with

assignment as (
    select * from {{ source("lms", "assignment") }}
),

renamed as (
    select
        assignment_no as assessment_id,
        {{ local_time("_known_at") }} as known_at,
        cohort_code as cohort_id,
        assignment_type as assessment_type,
        weight_pct,
        due_date,
    from assignment
)

select * from renamed
