with

ranking_scores as (
    select * from {{ ref("fct_score") }}
    where is_ranking
),

enrolment_week as (
    select * from {{ ref("fct_enrolment_week") }}
    where is_active
),

caseloads as (
    select * from {{ ref("caseloads") }}
),

targets as (
    select * from {{ ref("fct_enrolment_target") }}
    where target = '{{ var("ranked_by") }}'
),

shown_names as (
    select * from {{ ref("fct_shown_name") }}
    where not is_also_check_in
),

list_places as (
    select * from {{ ref("fct_list_place") }}
    where is_listed
),

-- Past lists as the coaches were shown them; this Monday's as its reports will show it, or have shown it.
named as (
    select
        enrolment_id,
        as_of_date,
    from shown_names
    union all
    select
        enrolment_id,
        date '{{ var("as_of") }}' as as_of_date,
    from list_places
),

-- Who followed the enrolment on that Monday, as was known then.
caseload_weeks as (
    select
        ranking_scores.enrolment_id,
        ranking_scores.as_of_date,
        caseloads.caseload_id,
        caseloads.coach_id,
        caseloads.start_date,
        caseloads.end_date,
    from ranking_scores
    inner join caseloads
        on ranking_scores.enrolment_id = caseloads.enrolment_id and ranking_scores.as_of_date > caseloads.known_at
    qualify
        row_number() over (
            partition by ranking_scores.as_of_date, caseloads.caseload_id
            order by caseloads.known_at desc
        ) = 1
),

owners as (
    select * from caseload_weeks
    where start_date <= as_of_date and coalesce(end_date, as_of_date) >= as_of_date
    qualify
        row_number() over (
            partition by as_of_date, enrolment_id
            order by start_date desc, caseload_id desc
        ) = 1
),

owned as (
    select
        ranking_scores.enrolment_id,
        ranking_scores.as_of_date,
        ranking_scores.score_probability as support_need_probability,
        enrolment_week.cohort_id,
        enrolment_week.campus,
        owners.coach_id,
        coalesce(owners.coach_id, enrolment_week.cohort_id) as list_owner_id,
    from ranking_scores
    inner join enrolment_week
        on
            ranking_scores.enrolment_id = enrolment_week.enrolment_id
            and ranking_scores.as_of_date = enrolment_week.as_of_date
    left join owners
        on
            ranking_scores.enrolment_id = owners.enrolment_id
            and ranking_scores.as_of_date = owners.as_of_date
),

ranked as (
    select
        *,
        {{ list_position(by="as_of_date, list_owner_id") }} as list_position,
    from owned
),

with_cut as (
    select
        *,
        max(list_position) over (partition by as_of_date, list_owner_id) > {{ var("capacity") }} as has_cut,
    from ranked
),

-- Midway between the last need for which there is a place and the first without: what decides, all else being equal.
cuts as (
    select
        as_of_date,
        list_owner_id,
        avg(support_need_probability) as cut_probability,
    from with_cut
    where has_cut and list_position between {{ var("capacity") }} and {{ var("capacity") }} + 1
    group by 1, 2
),

final as (
    select
        with_cut.enrolment_id,
        with_cut.as_of_date as list_date,
        with_cut.cohort_id,
        with_cut.campus,
        with_cut.coach_id,
        with_cut.list_owner_id,
        with_cut.list_position,
        with_cut.support_need_probability,
        with_cut.support_need_probability - cuts.cut_probability as distance_to_cut,
        named.enrolment_id is not null as is_listed,
        targets.is_positive,
    from with_cut
    left join cuts on with_cut.as_of_date = cuts.as_of_date and with_cut.list_owner_id = cuts.list_owner_id
    left join named on with_cut.enrolment_id = named.enrolment_id and with_cut.as_of_date = named.as_of_date
    left join targets on with_cut.enrolment_id = targets.enrolment_id and targets.is_mature
    where with_cut.as_of_date in (select seen.as_of_date from named as seen)
)

select * from final
