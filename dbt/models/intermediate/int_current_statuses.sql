with

status_spans as (
    select * from {{ ref("int_enrolment_status_spans") }}
),

final as (
    select
        enrolment_id,
        status,
        reason_code,
        known_at,
        effective_date,
        has_left,
    from status_spans
    where
        from_week <= {{ as_of_week() }}
        and to_week > {{ as_of_week() }}
        and status is not null
)

select * from final
