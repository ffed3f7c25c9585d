with

partners as (
    select * from {{ source("contract_files", "partners") }}
),

renamed as (
    select
        partner_id,
        {{ local_time("_known_at") }} as known_at,
        partner_name,
        sector,
    from partners
)

select * from renamed
