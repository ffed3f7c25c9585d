with

assessment_results as (
    select * from {{ source("contract_files", "assessment_results") }}
),

renamed as (
    select
        enrolment_id,
        assessment_id,
        {{ local_time("_known_at") }} as known_at,
        _known_at as known_at_utc,
        score_pct,
        _is_correction as is_correction,
        submitted_date,
        due_date,
    from assessment_results
)

select * from renamed
