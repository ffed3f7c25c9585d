{{ config(
    materialized="kept_rows",
    pre_hook="{{ forget_rows(is_news('enrolment_id', ref('enrolment_status_changes'))) }}",
) }}

with

all_changes as (
    select * from {{ ref("enrolment_status_changes") }}
),

enrolment_status_changes as (
    select * from all_changes
    where {{ is_news("enrolment_id", "all_changes") }}
),

-- A version counts once it is known and in effect, until the week in which a later version of it is known.
versions as (
    select
        enrolment_id,
        status_change_id,
        status,
        reason_code,
        known_at,
        effective_date,
        greatest({{ visible_week("cast(known_at as date)") }}, {{ visible_week("effective_date") }}) as from_week,
        lead({{ visible_week("cast(known_at as date)") }}, 1, {{ never() }}) over (
            partition by status_change_id
            order by known_at
        ) as to_week,
    from enrolment_status_changes
),

counting as (
    select * from versions
    where from_week < to_week
),

moments as (
    select
        enrolment_id,
        from_week as week,
    from counting
    union
    select
        enrolment_id,
        to_week as week,
    from counting
    where to_week < {{ never() }}
),

-- Of those that count, the latest in effect holds.
states as (
    select
        moments.enrolment_id,
        moments.week as from_week,
        counting.status_change_id,
        counting.status,
        counting.reason_code,
        counting.known_at,
        counting.effective_date,
    from moments
    left join counting
        on
            moments.enrolment_id = counting.enrolment_id
            and moments.week >= counting.from_week
            and moments.week < counting.to_week
    qualify
        row_number() over (
            partition by moments.enrolment_id, moments.week
            order by counting.effective_date desc nulls last, counting.known_at desc, counting.status_change_id desc
        ) = 1
),

final as (
    select
        *,
        coalesce(status in ('completed', 'failed', 'dropped_out', 'excluded'), false) as has_left,
        lead(from_week, 1, {{ never() }}) over (partition by enrolment_id order by from_week) as to_week,
    from states
)

select * from final
