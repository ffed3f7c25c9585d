with

cohort as (
    select * from {{ source("sis", "cohort") }}
),

renamed as (
    select
        cohort_code as cohort_id,
        {{ local_time("_known_at") }} as known_at,
        training_code as training_id,
        campus,
        region,
        employment_service,
        start_date,
        training_end_date,
        internship_end_date,
    from cohort
)

select * from renamed
