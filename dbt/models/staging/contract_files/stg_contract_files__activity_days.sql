with

activity_days as (
    select * from {{ source("contract_files", "activity_days") }}
),

renamed as (
    select
        enrolment_id,
        activity_date,
        {{ local_time("_known_at") }} as known_at,
        _known_at as known_at_utc,
        cast(action_count as integer) as action_count,
        _is_correction as is_correction,
    from activity_days
)

select * from renamed
