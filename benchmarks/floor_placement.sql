-- The floor: mart_placement, mart_time_to_job and mart_cirr from the same conformed tables, tuned by hand for DuckDB.
-- It may take for granted what the benchmark's school guarantees and dbt's models may not: one enrolment per learner and
-- one version of it, nobody died or came back or studies further, statuses are never corrected, evidence is a register or
-- a survey, and a survey tells of no end.
create macro wilson(placed, n, sign) as (
    placed / n + 3.8414588206941236 / (2.0 * n)
    + sign * 1.959963984540054 * sqrt(greatest(placed / n * (1 - placed / n), 0) / n + 3.8414588206941236 / (4.0 * n * n))
) / (1 + 3.8414588206941236 / n);

create macro window_end(day, unit, units) as cast(
    case unit
        when 'day' then day + units
        when 'month' then day + to_months(units)
        else date_trunc('quarter', day) + to_months(3 * units + 3) - interval 1 day
    end as date
);

create temp table definitions as
select
    (row_number() over (order by definition_id))::utinyint as d,
    *,
from built.marts.dim_outcome_definition;

create temp table people as
select
    cast(substr(learners.learner_id, 5) as integer) as n,
    cast(substr(enrolments.cohort_id, 2) as integer) as c,
    left_status.status as left_status,
    left_status.effective_date as left_date,
    cohorts.internship_end_date as end_date,
    enrolments.wants_work_in_field as wants,
    coalesce(learners.unemployment_months, 0) > 0 as was_unemployed,
    coalesce(partners.partner_name, 'no internship') as internship_partner,
    coalesce(learners.gender, 'unknown') as gender,
    case
        when year(cohorts.start_date) - birth_year < 18 then 'below 18'
        when year(cohorts.start_date) - birth_year < 30 then '18-29'
        when year(cohorts.start_date) - birth_year < 55 then '30-54'
        else '55 and above'
    end as age_band,
    case when education_isced <= 2 then '0-2' when education_isced <= 4 then '3-4' else '5-8' end as isced_level,
    case
        when unemployment_months = 0 then 'not unemployed'
        when unemployment_months < 12 then 'under 12 months'
        when unemployment_months < 24 then '12-23 months'
        else '24 months and over'
    end as unemployment_duration,
    if(has_migration_background, 'yes', 'no') as migration_background,
from built.conformed.enrolments
inner join built.conformed.learners using (learner_id)
inner join built.conformed.cohorts using (cohort_id)
left join (select * from built.conformed.enrolment_status_changes where status <> 'started') as left_status
    using (enrolment_id)
left join (select * from built.conformed.internships where start_date < as_of()) as internships using (enrolment_id)
left join built.conformed.partners using (partner_id);

create temp table events as
select
    cast(substr(learner_id, 5) as integer) as n,
    * exclude (event_date),
    known_at::date as told_date,
    event_date as day,
    source = 'survey' as is_survey,
    isco08[1:2] = '25' as is_in_field,
from built.conformed.outcome_events
qualify row_number() over (partition by outcome_event_id order by known_at desc) = 1 and event_date < as_of();

create temp table jobs as
with
registered as (
    select starts.*, ends.day as end_day,
    from (select * from events where not is_survey and event_type <> 'job_end') as starts
    left join (select job_id, day from events where event_type = 'job_end') as ends using (job_id)
),
remembered as (
    select told.*, (select min(day) from events as idle where idle.n = told.n and idle.event_type = 'seeking' and idle.day > told.told_date) - 1 as end_day,
    from (
        select * from events
        where is_survey and event_type = 'job_start'
        qualify row_number() over (partition by n order by known_at, outcome_event_id) = 1
    ) as told
    where not exists (
        from registered
        where registered.n = told.n and told.told_date >= registered.day
            and (registered.end_day is null or told.day <= registered.end_day)
    )
)
select
    n, outcome_event_id as id, known_at, is_survey, contract_type, hours_pct, is_in_field,
    coalesce(subsidised_scheme in ('IBO', 'PFI', 'FPI'), false) or coalesce(contract_type = 'subsidised', false) as is_subsidised,
    day as start_day, end_day, coalesce(end_day, date '9999-12-31') as last_day,
from (from registered union all from remembered);

create temp table windows as
select
    n, c, d, left_date, measure, min_days_count, counts_subsidised, is_in_field_required, reporting_lag_days,
    window_end(left_date, window_unit, window_count) as window_end,
    case measure
        when 'at_work_on_day' then window_end(left_date, window_unit, window_count)
        when 'worked_in_quarter' then cast(date_trunc('quarter', left_date) + to_months(3 * window_count) as date)
        else left_date
    end as window_start,
    window_end(left_date, window_unit, window_count) + reporting_lag_days as mature_date,
    case
        when denominator in ('graduates', 'completers') and left_status <> 'completed' then 'not_completed'
        when denominator = 'starters_without_work' and not was_unemployed then 'not_without_work_on_entry'
        when excludes_other_aims and not wants then 'other_aim_on_entry'
    end as excluded_reason,
from people
cross join definitions
where left_date is not null;

create temp table placed as
with
counting as (
    select
        windows.n, d, measure, min_days_count, jobs.* exclude (n, end_day),
        greatest(start_day, window_start) as from_day,
        least(last_day, window_end, as_of() - 1) as to_day,
    from windows
    inner join jobs on windows.n = jobs.n and start_day <= window_end and last_day >= window_start
    where
        (measure <> 'found_work_within' or start_day >= left_date)
        and (counts_subsidised or not is_subsidised)
        and (not is_in_field_required or is_in_field)
),
enough as (
    select * from counting where min_days_count = 1 and (measure = 'found_work_within' or to_day >= from_day)
    union all by name
    select * from (
        select *, sum(greatest(0, to_day + 1 - greatest(from_day, coalesce(before_day, from_day)))) over in_order as worked,
        from (
            select *, max(to_day + 1) over (in_order rows between unbounded preceding and 1 preceding) as before_day,
            from counting
            where min_days_count > 1
            window in_order as (partition by n, d order by from_day, to_day, id)
        )
        window in_order as (partition by n, d order by from_day, to_day, id)
    )
    where worked >= min_days_count
)
select
    n, d,
    arg_min(
        {
            'day': if(measure = 'worked_days_within', from_day, start_day), 'is_survey': is_survey, 'is_in_field': is_in_field,
            'contract_type': contract_type, 'hours_pct': hours_pct
        },
        (from_day, is_survey, known_at, id)
    ) as job,
from enough
group by n, d;

create temp table answers as
select
    n,
    bool_or(event_type in ('job_start', 'self_employed') and day >= left_date) as has_worked,
    bool_or(event_type in ('job_start', 'self_employed') and day >= left_date and is_in_field is not null) as has_worked_somewhere,
    max(day) filter (where event_type = 'seeking') as last_seeking,
from events
inner join people using (n)
where left_date is not null
group by n;

create temp table throughout as
select n
from people
inner join jobs using (n)
group by n
having
    bool_or(start_day <= left_date + 180 and last_day >= left_date + 180 - 14)
    and bool_or(start_day <= left_date + 365 and last_day >= left_date + 365 - 14);

create temp table outcomes as
select
    n, d, c, left_date, mature_date, excluded_reason,
    job.day is not null as is_placed,
    case
        when excluded_reason is not null then 'excluded'
        when mature_date > as_of() then 'immature'
        when is_placed then 'placed'
        when if(is_in_field_required, has_worked_somewhere, has_worked) or last_seeking >= window_end - 14 then 'not_placed'
        else 'unknown'
    end as outcome,
    is_placed and throughout.n is not null as is_sustained,
    job.is_in_field as is_in_field,
    job.is_survey as is_survey,
    job.contract_type as contract_type,
    job.hours_pct as hours_pct,
    greatest(0, as_of() - reporting_lag_days - left_date) as followed,
    if(measure = 'found_work_within', least(coalesce(job.day, window_end) - left_date, followed, window_end - left_date), null) as waited_days,
    coalesce(is_placed and job.day - left_date <= followed, false) as is_event,
from windows
left join placed using (n, d)
left join answers using (n)
left join throughout using (n);

create table mart_time_to_job as
with
groups as (
    select d, 'cohort' as group_kind, 'C' || lpad(c::text, 5, '0') as group_value, waited_days, count(*) as leaving, count(*) filter (where is_event) as events,
    from outcomes where excluded_reason is null and waited_days is not null group by all
),
wider as (
    from groups
    union all
    select d, 'intake_year', year(start_date)::text, waited_days, sum(leaving)::bigint, sum(events)::bigint,
    from groups inner join built.conformed.cohorts on group_value = cohort_id group by all
    union all
    select d, 'all', 'all', waited_days, sum(leaving)::bigint, sum(events)::bigint from groups group by all
),
at_risk as (
    select
        *,
        sum(leaving) over (partition by d, group_kind, group_value order by waited_days desc) as at_risk,
        max(waited_days) over (partition by d, group_kind, group_value) as followed_days,
    from wider
),
survived as (
    select
        *,
        if(
            min(at_risk - events) over so_far = 0, 0,
            exp(sum(ln(greatest(at_risk - events, 0.5) / at_risk)) over so_far)
        ) as surviving,
        sum(events / (at_risk * greatest(at_risk - events, 0.5))) over so_far as variance,
    from at_risk
    where events > 0
    window so_far as (partition by d, group_kind, group_value order by waited_days)
)
select
    definition_id, group_kind, group_value, waited_days::integer as waited_days, followed_days::integer as followed_days,
    at_risk::integer as at_risk_count, events::integer as event_count,
    1 - surviving as placed_share,
    1 - if(surviving in (0, 1), surviving, exp(-exp(ln(-ln(surviving)) - 1.959963984540054 * sqrt(variance) / abs(ln(surviving))))) as placed_share_low,
    1 - if(surviving in (0, 1), surviving, exp(-exp(ln(-ln(surviving)) + 1.959963984540054 * sqrt(variance) / abs(ln(surviving))))) as placed_share_high,
from survived
inner join definitions using (d);

create table mart_placement as
with
members as (
    select
        people.*, d, outcome, excluded_reason, is_sustained, outcomes.is_in_field, is_survey, coalesce(is_placed, false) as is_placed,
        coalesce(outcomes.mature_date, window_end(end_date, window_unit, window_count) + reporting_lag_days) as due_date,
    from people
    cross join definitions
    left join outcomes using (n, d)
),
cells as (
    select
        c, d,
        ['internship_partner', 'gender', 'age_band', 'isced_level', 'unemployment_duration', 'migration_background', 'all'][
            case
                when grouping(internship_partner) = 0 then 1 when grouping(gender) = 0 then 2 when grouping(age_band) = 0 then 3
                when grouping(isced_level) = 0 then 4 when grouping(unemployment_duration) = 0 then 5
                when grouping(migration_background) = 0 then 6 else 7
            end
        ] as kind,
        coalesce(internship_partner, gender, age_band, isced_level, unemployment_duration, migration_background, 'all') as value,
        count(*) as started,
        count(left_status) filter (where left_status = 'completed') as completed,
        count(left_status) filter (where left_status = 'dropped_out') as left_early,
        count(left_date) as leavers,
        count(*) filter (where outcome = 'placed') as placed,
        count(*) filter (where outcome = 'not_placed') as not_placed,
        count(*) filter (where outcome = 'unknown') as unknown,
        count(excluded_reason) filter (where excluded_reason = 'not_completed') as not_completed,
        count(excluded_reason) filter (where excluded_reason = 'not_without_work_on_entry') as not_without_work,
        count(excluded_reason) filter (where excluded_reason = 'other_aim_on_entry') as other_aim,
        count(*) filter (where is_placed and outcome in ('placed', 'immature')) as placed_so_far,
        count(*) filter (where outcome = 'placed' and is_sustained) as sustained,
        count(*) filter (where outcome = 'placed' and is_in_field) as in_field,
        count(*) filter (where outcome = 'placed' and not is_survey) as registered,
        max(left_date) filter (where outcome = 'placed') as last_left,
        max(due_date) filter (where excluded_reason is null) as mature_date,
    from members
    group by grouping sets (
        (c, d), (c, d, internship_partner), (c, d, gender), (c, d, age_band), (c, d, isced_level),
        (c, d, unemployment_duration), (c, d, migration_background)
    )
),
settled as (
    select
        *,
        not_completed + not_without_work + other_aim as excluded,
        leavers - not_completed - not_without_work - other_aim - placed - not_placed - unknown as immature,
        bool_and(leavers = started and immature = 0) over (partition by c, d) as is_settled,
    from cells
),
school as (
    select
        d, kind, value, sum(started) as started, sum(completed) as completed, sum(left_early) as left_early, sum(leavers) as leavers,
        sum(if(is_settled, placed, 0)) as placed, sum(if(is_settled, not_placed, 0)) as not_placed, sum(if(is_settled, unknown, 0)) as unknown,
        sum(not_completed) as not_completed, sum(not_without_work) as not_without_work, sum(other_aim) as other_aim,
        sum(excluded) as excluded, sum(if(is_settled, 0, leavers - excluded)) as immature, sum(placed_so_far) as placed_so_far,
        sum(if(is_settled, sustained, 0)) as sustained, sum(if(is_settled, in_field, 0)) as in_field,
        sum(if(is_settled, registered, 0)) as registered, max(if(is_settled, last_left, null)) as last_left, true as is_settled,
    from (
        from settled
        union all by name
        select settled.* exclude (kind, value), unnest(['campus', 'region', 'employment_service', 'training', 'intake_year']) as kind,
            unnest([campus, region, employment_service, training_id, year(start_date)::text]) as value,
        from settled
        inner join built.conformed.cohorts on cohort_id = 'C' || lpad(c::text, 5, '0')
        where kind = 'all'
    )
    group by d, kind, value
),
rated as (
    select
        *,
        (placed + not_placed + unknown)::double as n,
        is_settled and n > 0 as is_mature,
        if(is_mature, n, null) as shown,
        if(c is null, 'all', 'C' || lpad(c::text, 5, '0')) as cohort_id,
    from (from settled union all by name from school)
)
select
    definition_id, rated.cohort_id, kind as segment_kind, value as segment_value, as_of() as as_of_date,
    nullif(
        '{' || concat_ws(
            ',',
            if(not_completed > 0, '"not_completed":' || not_completed, null),
            if(not_without_work > 0, '"not_without_work_on_entry":' || not_without_work, null),
            if(other_aim > 0, '"other_aim_on_entry":' || other_aim, null)
        ) || '}', '{}'
    ) as excluded_reasons,
    started::integer as started_count, completed::integer as completed_count, left_early::integer as left_early_count,
    (started - leavers)::integer as in_training_count, leavers::integer as leaver_count, excluded::integer as excluded_count,
    n::integer as eligible_count, placed::integer as placed_count, not_placed::integer as not_placed_count,
    unknown::integer as unknown_count, immature::integer as immature_count, placed_so_far::integer as placed_so_far_count,
    in_field::integer as in_field_count,
    if(is_mature and coalesce(last_left, date '0001-01-01') + 365 + reporting_lag_days <= as_of(), sustained::integer, null) as sustained_count,
    if(
        is_in_force and if(c is null, n, n + immature) > 0,
        greatest(0, ceil(0.8 * (if(c is null, n, n + immature)) - 1e-9) - if(c is null, placed, placed_so_far))::integer, null
    ) as heads_to_target,
    placed / shown as placed_share_lower,
    (placed + unknown) / shown as placed_share_upper,
    wilson(placed, shown, -1) as wilson_low,
    wilson(placed + unknown, shown, 1) as wilson_high,
    if(is_mature, placed / nullif(placed + not_placed, 0), null) as placed_share_known_only,
    if(kind = 'all' and not is_settled and followed_days is not null, coalesce(curve.placed_share, 0), null) as km_share_provisional,
    registered / nullif(placed, 0) as register_evidence_share,
    is_mature,
    if(c is null, null, mature_date) as mature_date,
from rated
inner join definitions using (d)
left join (
    select d, c, max(waited_days) as followed_days,
    from outcomes where excluded_reason is null group by d, c
) as followed using (d, c)
left join (
    select definition_id, group_value as cohort_id, max(placed_share) as placed_share,
    from mart_time_to_job where group_kind = 'cohort' group by all
) as curve using (definition_id, cohort_id);

create table mart_cirr as
with
coded as (
    select
        year(graduate.left_date) || '-H' || if(month(graduate.left_date) < 7, 1, 2) as half_year,
        case
            when graduate.outcome = 'excluded' then 'Excluded'
            when graduate.outcome = 'immature' then 'Pending'
            when graduate.outcome = 'placed' and graduate.contract_type = 'self_employed' then '1D'
            when graduate.outcome = 'placed' and graduate.contract_type = 'permanent' and graduate.hours_pct = 100 then '1A'
            when graduate.outcome = 'placed' and graduate.contract_type in ('temporary', 'subsidised') and graduate.hours_pct = 100 then '1B'
            when graduate.outcome = 'placed' then '1E'
            when any_job.is_placed then '2B'
            when last_answer.day is not null then '3A'
            else '4'
        end as outcome_code,
    from outcomes as graduate
    inner join definitions using (d)
    inner join people using (n)
    left join (select n, is_placed from outcomes inner join definitions using (d) where definition_id = 'school_promise_with_schemes') as any_job using (n)
    left join (
        select events.n, max(events.day) as day,
        from events inner join outcomes using (n) inner join definitions using (d)
        where definition_id = 'cirr_employed' and event_type = 'seeking' and events.day between left_date and mature_date
        group by events.n
    ) as last_answer using (n)
    where definition_id = 'cirr_employed' and left_status = 'completed'
)
select half_year, outcome_code, count(*)::integer as graduate_count,
from coded
group by all;
