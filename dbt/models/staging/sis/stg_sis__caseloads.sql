with

caseload as (
    select * from {{ source("sis", "caseload") }}
),

renamed as (
    select
        caseload_no as caseload_id,
        {{ local_time("_known_at") }} as known_at,
        coach_no as coach_id,
        enrolment_no as enrolment_id,
        start_date,
        end_date,
    from caseload
)

select * from renamed
