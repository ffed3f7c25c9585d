with

partners as (
    select * from {{ ref("partners") }}
),

final as (
    select
        partner_id,
        partner_name,
        sector,
    from partners
    qualify row_number() over (partition by partner_id order by known_at desc) = 1
)

select * from final
