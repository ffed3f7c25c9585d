with

activity as (
    select * from {{ source("lms", "activity") }}
),

renamed as (
    select
        enrolment_no as enrolment_id,
        activity_date,
        {{ local_time("_known_at") }} as known_at,
        _known_at as known_at_utc,
        cast(action_count as integer) as action_count,
        _is_correction as is_correction,
    from activity
)

select * from renamed
