with

list_order as (
    select * from {{ ref("fct_list_order") }}
),

lists as (
    select * from {{ ref("stg_outlook__lists") }}
),

-- A list that a coach has seen is not decided again, whatever has become known of other weeks since.
shown as (
    select * from lists
    where as_of_date = date '{{ var("as_of") }}'
),

was_shown as (
    select count(*) as name_count from shown
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
    from list_order
),

-- The lot does not know the Monday: who has none this week mostly has none next week, so that a difference can show.
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
        not is_listed
        and not is_cooling_down
        and support_need_probability is not null
        and listed_probability is null as is_drawable,
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
        list_place,
        cast(case when is_listed then coalesce(weeks_shown, weeks_before + 1, 1) end as integer) as weeks_on_list,
        listed_probability,
        is_listed,
        is_also_check_in,
    from decided
)

select * from final
