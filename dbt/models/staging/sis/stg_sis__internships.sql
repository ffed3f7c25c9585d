with

internship as (
    select * from {{ source("sis", "internship") }}
),

renamed as (
    select
        internship_no as internship_id,
        {{ local_time("_known_at") }} as known_at,
        enrolment_no as enrolment_id,
        partner_no as partner_id,
        status,
        start_date,
        end_date,
    from internship
)

select * from renamed
