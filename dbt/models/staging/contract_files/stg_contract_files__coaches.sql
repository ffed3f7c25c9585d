with

coaches as (
    select * from {{ source("contract_files", "coaches") }}
),

renamed as (
    select
        coach_id,
        {{ local_time("_known_at") }} as known_at,
        campus,
        language,
    from coaches
)

select * from renamed
