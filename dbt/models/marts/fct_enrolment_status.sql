with

enrolment_status_changes as (
    select * from {{ ref("enrolment_status_changes") }}
),

final as (
    select
        status_change_id,
        enrolment_id,
        status,
        reason_code,
        effective_date,
        known_at,
    from enrolment_status_changes
    qualify row_number() over (partition by status_change_id order by known_at desc) = 1
)

select * from final
