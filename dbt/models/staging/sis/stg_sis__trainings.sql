with

training as (
    select * from {{ source("sis", "training") }}
),

renamed as (
    select
        training_code as training_id,
        {{ local_time("_known_at") }} as known_at,
        title,
        field,
    from training
)

select * from renamed
