with

submission as (
    select * from {{ source("lms", "submission") }}
),

renamed as (
    select
        enrolment_no as enrolment_id,
        assignment_no as assessment_id,
        {{ local_time("_known_at") }} as known_at,
        _known_at as known_at_utc,
        score_pct,
        _is_correction as is_correction,
        submitted_date,
        due_date,
    from submission
)

select * from renamed
