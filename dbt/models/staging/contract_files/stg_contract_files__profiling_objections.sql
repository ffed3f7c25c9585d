with

profiling_objections as (
    select * from {{ source("contract_files", "profiling_objections") }}
),

renamed as (
    select
        objection_id,
        {{ local_time("_known_at") }} as known_at,
        learner_id,
        has_objection,
    from profiling_objections
)

select * from renamed
