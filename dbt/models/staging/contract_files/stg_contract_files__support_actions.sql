with

support_actions as (
    select * from {{ source("contract_files", "support_actions") }}
),

renamed as (
    select
        support_action_id,
        {{ local_time("_known_at") }} as known_at,
        enrolment_id,
        coach_id,
        action_code,
        channel,
        verdict,
        action_date,
        follow_up_date,
        list_date,
    from support_actions
)

select * from renamed
