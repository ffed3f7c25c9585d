with

assessments as (
    select * from {{ source("contract_files", "assessments") }}
),

renamed as (
    select
        assessment_id,
        {{ local_time("_known_at") }} as known_at,
        cohort_id,
        assessment_type,
        weight_pct,
        due_date,
    from assessments
)

select * from renamed
