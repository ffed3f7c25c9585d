with

lists as (
    select * from {{ ref("stg_outlook__lists") }}
),

final as (
    select
        enrolment_id,
        list_owner_id,
        list_change,
        weeks_on_list,
        support_need_probability,
        is_also_check_in,
        as_of_date,
    from lists
    where as_of_date < date '{{ var("as_of") }}'
)

select * from final
