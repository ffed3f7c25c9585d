with

attendance as (
    select * from {{ source("lms", "attendance") }}
),

renamed as (
    select
        enrolment_no as enrolment_id,
        session_date,
        session_part,
        {{ local_time("_known_at") }} as known_at,
        _known_at as known_at_utc,
        mark,
        _is_correction as is_correction,
    from attendance
)

select * from renamed
