with

support_action as (
    select * from {{ source("sis", "support_action") }}
),

renamed as (
    select
        action_no as support_action_id,
        {{ local_time("_known_at") }} as known_at,
        enrolment_no as enrolment_id,
        coach_no as coach_id,
        action_code,
        channel,
        verdict,
        action_date,
        cast(null as date) as follow_up_date,
        cast(null as date) as list_date,
    from support_action
)

select * from renamed
