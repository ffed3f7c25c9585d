with

caseloads as (
    select * from {{ ref("caseloads") }}
),

latest as (
    select * from caseloads
    qualify row_number() over (partition by caseload_id order by known_at desc) = 1
),

-- Who follows the enrolment on the Monday itself; the newest period where two overlap.
final as (
    select
        enrolment_id,
        coach_id,
        caseload_id,
        start_date,
    from latest
    where
        start_date <= date '{{ var("as_of") }}'
        and (end_date >= date '{{ var("as_of") }}' or end_date is null)
    qualify row_number() over (partition by enrolment_id order by start_date desc, caseload_id desc) = 1
)

select * from final
