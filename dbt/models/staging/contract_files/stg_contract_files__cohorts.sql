with

cohorts as (
    select * from {{ source("contract_files", "cohorts") }}
),

renamed as (
    select
        cohort_id,
        {{ local_time("_known_at") }} as known_at,
        training_id,
        campus,
        region,
        employment_service,
        start_date,
        training_end_date,
        internship_end_date,
    from cohorts
)

select * from renamed
