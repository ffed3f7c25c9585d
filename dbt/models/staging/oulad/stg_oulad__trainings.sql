with

presentations as (
    select * from {{ ref("stg_oulad__presentations") }}
),

modules as (
    select
        code_module as training_id,
        {{ known_after_lag("min(published_date)", "trainings") }} as known_at,
        code_module as title,
        cast(null as text) as field,
    from presentations
    group by code_module
)

select * from modules
