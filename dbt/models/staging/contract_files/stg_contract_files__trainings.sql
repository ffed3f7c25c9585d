with

trainings as (
    select * from {{ source("contract_files", "trainings") }}
),

renamed as (
    select
        training_id,
        {{ local_time("_known_at") }} as known_at,
        title,
        field,
    from trainings
)

select * from renamed
