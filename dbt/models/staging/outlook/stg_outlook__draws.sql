with

draws as (
    select * from {{ source("outlook", "draws") }}
),

renamed as (
    select
        enrolment_id,
        list_owner_id,
        lottery_seed,
        listed_probability,
        is_listed,
        cast(as_of_date as date) as as_of_date,
    from draws
)

select * from renamed
