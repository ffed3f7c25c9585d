with

internships as (
    select * from {{ source("contract_files", "internships") }}
),

renamed as (
    select
        internship_id,
        {{ local_time("_known_at") }} as known_at,
        enrolment_id,
        partner_id,
        status,
        start_date,
        end_date,
    from internships
)

select * from renamed
