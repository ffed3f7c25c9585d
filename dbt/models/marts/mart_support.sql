with

listing as (
    select * from {{ ref("fct_listing") }}
    where is_listed
),

support_actions as (
    select * from {{ ref("fct_support_action") }}
),

-- What was done about a name: before the list after next, whether or not it was an answer to this one.
followed_up as (
    select
        listing.enrolment_id,
        listing.list_date,
        bool_or(support_actions.list_date is not distinct from listing.list_date) as is_answered,
        bool_or(support_actions.list_date = listing.list_date and support_actions.verdict = 'agreed') as is_agreed,
        bool_or(support_actions.list_date = listing.list_date and support_actions.verdict = 'not_useful')
            as is_not_useful,
        bool_or(support_actions.action_code is not null) as is_contacted,
        bool_or(support_actions.action_code is not null and support_actions.outcome_code in ('better', 'finished'))
            as is_resolved,
    from listing
    inner join support_actions
        on
            listing.enrolment_id = support_actions.enrolment_id
            and listing.list_date <= support_actions.action_date
            and support_actions.action_date < listing.list_date + 14
    group by 1, 2
),

counted as (
    select
        listing.list_date,
        listing.campus,
        cast(count(*) as integer) as offered_count,
        cast(count(*) filter (where followed_up.is_contacted) as integer) as contacted_count,
        cast(count(*) filter (where followed_up.is_answered) as integer) as answered_count,
        cast(count(*) filter (where followed_up.is_agreed) as integer) as agreed_count,
        cast(count(*) filter (where followed_up.is_not_useful) as integer) as not_useful_count,
        cast(count(*) filter (where followed_up.is_resolved) as integer) as resolved_count,
        cast(count(listing.is_positive) as integer) as mature_count,
        cast(count(*) filter (where not listing.is_positive) as integer) as hit_count,
    from listing
    left join followed_up
        on listing.enrolment_id = followed_up.enrolment_id and listing.list_date = followed_up.list_date
    group by 1, 2
),

final as (
    select
        *,
        hit_count / nullif(mature_count, 0) as precision_share,
        {{ wilson("hit_count", "mature_count", "low") }} as precision_low,
        {{ wilson("hit_count", "mature_count", "high") }} as precision_high,
    from counted
)

select * from final
