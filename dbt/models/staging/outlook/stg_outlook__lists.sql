with

lists as (
    select * from {{ source("outlook", "lists") }}
),

renamed as (
    select
        enrolment_id,
        list_owner_id,
        list_change,
        weeks_on_list,
        support_need_probability,
        is_also_check_in,
        cast(as_of_date as date) as as_of_date,
    from lists
)

select * from renamed
