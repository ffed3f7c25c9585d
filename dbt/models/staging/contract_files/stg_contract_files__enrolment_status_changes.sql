with

enrolment_status_changes as (
    select * from {{ source("contract_files", "enrolment_status_changes") }}
),

renamed as (
    select
        status_change_id,
        {{ local_time("_known_at") }} as known_at,
        enrolment_id,
        status,
        reason_code,
        effective_date,
    from enrolment_status_changes
)

select * from renamed
