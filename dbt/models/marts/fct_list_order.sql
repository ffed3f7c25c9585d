with

candidates as (
    select * from {{ ref("fct_list_candidate") }}
),

shown_names as (
    select * from {{ ref("fct_shown_name") }}
),

contacts as (
    select * from {{ ref("fct_last_contact") }}
),

last_week as (
    select * from shown_names
    where as_of_date = date '{{ var("as_of") }}' - 7 and not is_also_check_in
),

weighed as (
    select
        candidates.enrolment_id,
        candidates.list_owner_id,
        candidates.support_need_probability,
        last_week.weeks_on_list as weeks_before,
        last_week.support_need_probability as probability_before,
        contacts.enrolment_id is null as is_never_contacted,
        coalesce(contacts.is_cooling_down, false) as is_cooling_down,
        candidates.support_need_probability
        * case when last_week.enrolment_id is null then 1 else {{ stay_factor() }} end as weight,
        candidates.reason_1_code is not null as has_reason,
    from candidates
    left join last_week
        on
            candidates.enrolment_id = last_week.enrolment_id
            and candidates.list_owner_id = last_week.list_owner_id
    left join contacts on candidates.enrolment_id = contacts.enrolment_id
),

-- A name without a fact that can still change gives the coach nothing to ask.
eligible as (
    select
        *,
        weight is not null and has_reason and not is_cooling_down as is_eligible,
        coalesce(weeks_before < {{ least_weeks_on_list() }}, false) as has_just_begun,
    from weighed
),

placed as (
    select
        *,
        row_number() over (
            partition by list_owner_id
            order by
                is_eligible desc,
                has_just_begun desc,
                round(weight, 1) desc,
                is_never_contacted desc,
                weight desc,
                md5(enrolment_id) asc
        ) as list_place,
    from eligible
),

final as (
    select
        enrolment_id,
        list_owner_id,
        support_need_probability,
        probability_before,
        weeks_before,
        cast(list_place as integer) as list_place,
        is_eligible,
        has_just_begun,
        is_cooling_down,
    from placed
)

select * from final
