with

coach as (
    select * from {{ source("sis", "coach") }}
),

renamed as (
    select
        coach_no as coach_id,
        {{ local_time("_known_at") }} as known_at,
        campus,
        language,
    from coach
)

select * from renamed
