with

trainings as (
    select * from {{ ref("trainings") }}
),

final as (
    select
        training_id,
        title,
        field,
    from trainings
    qualify row_number() over (partition by training_id order by known_at desc) = 1
)

select * from final
