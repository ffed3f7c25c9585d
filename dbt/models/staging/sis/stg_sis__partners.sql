with

partner as (
    select * from {{ source("sis", "partner") }}
),

renamed as (
    select
        partner_no as partner_id,
        {{ local_time("_known_at") }} as known_at,
        partner_name,
        sector,
    from partner
)

select * from renamed
