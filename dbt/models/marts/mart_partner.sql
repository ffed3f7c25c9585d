with

partners as (
    select * from {{ ref("dim_partner") }}
),

internships as (
    select
        *,
        status <> 'offered' and start_date < date '{{ var("as_of") }}' as is_taken,
    from {{ ref("internships") }}
    qualify row_number() over (partition by internship_id order by known_at desc) = 1
),

outcomes as (
    select * from {{ ref("int_enrolment_outcome") }}
    where definition_id = '{{ var("definition_id") }}' and excluded_reason is null
),

counted as (
    select
        internships.partner_id,
        count(*) as offered_count,
        count(*) filter (where internships.is_taken) as taken_count,
        count(*) filter (where internships.status = 'completed') as completed_count,
        count(*) filter (where internships.status = 'broken_off') as broken_off_count,
        -- An intern who came back to the same partner is one person; who was only offered a place is no intern.
        count(distinct internships.enrolment_id) filter (
            where internships.is_taken and outcomes.outcome in ('placed', 'not_placed', 'unknown')
        ) as eligible_count,
        count(distinct internships.enrolment_id) filter (
            where internships.is_taken and outcomes.outcome = 'placed'
        ) as placed_count,
        count(distinct internships.enrolment_id) filter (
            where internships.is_taken and outcomes.outcome = 'placed' and outcomes.is_at_partner
        ) as hired_by_a_partner_count,
    from internships
    left join outcomes on internships.enrolment_id = outcomes.enrolment_id
    group by internships.partner_id
),

final as (
    select
        partners.partner_id,
        partners.partner_name,
        partners.sector,
        date '{{ var("as_of") }}' as as_of_date,
        {%- for count in ["offered", "taken", "completed", "broken_off", "eligible", "placed", "hired_by_a_partner"] %}
        cast(coalesce(counted.{{ count }}_count, 0) as integer) as {{ count }}_count,
        {%- endfor %}
    from partners
    left join counted on partners.partner_id = counted.partner_id
)

select * from final
