with

coaches as (
    select * from {{ ref("coaches") }}
),

final as (
    select
        coach_id,
        campus,
        language,
    from coaches
    qualify row_number() over (partition by coach_id order by known_at desc) = 1
)

select * from final
