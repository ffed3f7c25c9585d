with

candidates as (
    select * from {{ ref("fct_list_candidate") }}
),

shown_lists as (
    select * from {{ ref("fct_shown_name") }}
),

lists as (
    select * from {{ ref("stg_outlook__lists") }}
),

support_actions as (
    select * from {{ ref("fct_support_action") }}
),

last_week as (
    select * from shown_lists
    where as_of_date = date '{{ var("as_of") }}' - 7 and not is_also_check_in
),

-- A list that a coach has seen is not decided again, whatever has become known of other weeks since.
shown as (
    select * from lists
    where as_of_date = date '{{ var("as_of") }}'
),

was_shown as (
    select count(*) as name_count from shown
),

contacts as (
    select
        enrolment_id,
        max(action_date) as last_action_date,
    from support_actions
    where action_code is not null
    group by enrolment_id
),

weighed as (
    select
        candidates.enrolment_id,
        candidates.list_owner_id,
        candidates.support_need_probability,
        last_week.weeks_on_list as weeks_before,
        last_week.support_need_probability as probability_before,
        contacts.last_action_date is null as is_never_contacted,
        coalesce(
            contacts.last_action_date > date '{{ var("as_of") }}' - {{ cool_down_days() }}, false
        ) as is_cooling_down,
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

-- Where the school draws by lot: its last places by need, and as many candidates again.
-- Whoever has just begun keeps a place.
banded as (
    select
        *,
        is_eligible
        and not has_just_begun
        and list_place > {{ var("capacity") }} - {{ var("lottery_places") }}
        and list_place <= {{ var("capacity") }} + {{ var("lottery_places") }} as is_in_band,
    from placed
),

-- The lot does not know the Monday: who has none this week has none next week either, so that a difference can show.
lots as (
    select
        *,
        row_number() over (
            partition by list_owner_id, is_in_band
            order by md5(concat_ws(' ', '{{ var("lottery_seed") }}', enrolment_id)), enrolment_id
        ) as lot,
        count(*) filter (where is_in_band) over (partition by list_owner_id) as band_count,
        count(*) filter (where is_in_band and list_place <= {{ var("capacity") }}) over (
            partition by list_owner_id
        ) as band_places_count,
    from banded
),

listed as (
    select
        *,
        case
            when is_in_band and band_places_count between 1 and band_count - 1
                then band_places_count / band_count
        end as listed_probability,
        case
            when is_in_band then lot <= band_places_count
            else is_eligible and list_place <= {{ var("capacity") }}
        end as is_listed,
    from lots
),

-- Whoever drew no place is not named by another lot: then nothing would set the two apart.
drawable as (
    select
        *,
        not is_listed and not is_cooling_down and weight is not null and listed_probability is null as is_drawable,
    from listed
),

drawn as (
    select
        *,
        is_drawable
        and row_number() over (
            partition by list_owner_id, is_drawable
            order by md5(concat_ws(' ', '{{ var("as_of") }}', list_owner_id, enrolment_id))
        ) <= {{ also_check_in_count() }} as is_also_check_in,
    from drawable
),

decided as (
    select
        drawn.enrolment_id,
        drawn.list_place,
        drawn.listed_probability,
        drawn.weeks_before,
        drawn.probability_before,
        drawn.support_need_probability,
        shown.weeks_on_list as weeks_shown,
        case
            when was_shown.name_count > 0 then shown.enrolment_id is not null and not shown.is_also_check_in
            else drawn.is_listed
        end as is_listed,
        case
            when was_shown.name_count > 0 then coalesce(shown.is_also_check_in, false)
            else drawn.is_also_check_in
        end as is_also_check_in,
        shown.list_change as change_shown,
    from drawn
    cross join was_shown
    left join shown on drawn.enrolment_id = shown.enrolment_id and drawn.list_owner_id = shown.list_owner_id
),

final as (
    select
        enrolment_id,
        case
            when not is_listed then case when weeks_before is not null then 'off' end
            when change_shown is not null then change_shown
            when weeks_before is null then 'new'
            when support_need_probability <= probability_before - {{ better_by_probability() }} then 'better'
            else 'still'
        end as list_change,
        cast(list_place as integer) as list_place,
        cast(case when is_listed then coalesce(weeks_shown, weeks_before + 1, 1) end as integer) as weeks_on_list,
        listed_probability,
        is_listed,
        is_also_check_in,
    from decided
)

select * from final
