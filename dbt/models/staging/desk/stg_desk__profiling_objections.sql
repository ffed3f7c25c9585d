with

profiling_objection as (
    select * from {{ source("desk", "profiling_objection") }}
),

renamed as (
    select
        objection_id,
        {{ local_time("_known_at") }} as known_at,
        learner_id,
        has_objection,
    from profiling_objection
)

select * from renamed
