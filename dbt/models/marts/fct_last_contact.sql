with

support_actions as (
    select * from {{ ref("fct_support_action") }}
),

final as (
    select
        enrolment_id,
        max(action_date) as last_action_date,
        max(action_date) > date '{{ var("as_of") }}' - {{ cool_down_days() }} as is_cooling_down,
    from support_actions
    where action_code is not null
    group by enrolment_id
)

select * from final
