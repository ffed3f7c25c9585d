with

cohorts as (
    select * from {{ ref("cohorts") }}
),

final as (
    select
        cast(
            unnest(range(min(start_date), date '{{ var("as_of") }}' + 1, interval 1 day)) as date
        ) as date_day,
    from cohorts
)

select * from final
