with

support_answer as (
    select * from {{ source("desk", "support_answer") }}
),

renamed as (
    select
        answer_id as support_action_id,
        {{ local_time("_known_at") }} as known_at,
        enrolment_id,
        coach_id,
        action_code,
        channel,
        verdict,
        action_date,
        follow_up_date,
        list_date,
    from support_answer
)

select * from renamed
