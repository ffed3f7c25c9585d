with

enrolment_status as (
    select * from {{ source("sis", "enrolment_status") }}
),

renamed as (
    select
        status_no as status_change_id,
        {{ local_time("_known_at") }} as known_at,
        enrolment_no as enrolment_id,
        status,
        reason_code,
        effective_date,
    from enrolment_status
)

select * from renamed
