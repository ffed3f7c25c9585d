with

caseloads as (
    select * from {{ source("contract_files", "caseloads") }}
),

renamed as (
    select
        caseload_id,
        {{ local_time("_known_at") }} as known_at,
        coach_id,
        enrolment_id,
        start_date,
        end_date,
    from caseloads
)

select * from renamed
