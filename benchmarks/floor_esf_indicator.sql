-- The floor: mart_esf_indicator from the same built tables, in one count by year and gender that is turned afterwards.
-- It may take for granted what the benchmark's school guarantees and dbt's model may not: one enrolment per learner,
-- everybody started, no record is incomplete, nobody studies further.
create table mart_esf_indicator as
with
employed as (
    select
        enrolment_id,
        bool_or(outcome = 'placed' and definition_id = 'esf_eecr04') as upon_leaving,
        bool_or(outcome = 'placed' and definition_id = 'esf_eecr05') as after_six_months,
        bool_or(outcome in ('placed', 'not_placed', 'unknown') and definition_id = 'esf_eecr04') as counts_upon_leaving,
        bool_or(outcome in ('placed', 'not_placed', 'unknown') and definition_id = 'esf_eecr05') as counts_after_six_months,
    from built.intermediate.int_enrolment_outcome
    where definition_id in ('esf_eecr04', 'esf_eecr05')
    group by enrolment_id
),
counted as (
    select
        intake_year,
        if(segments.gender = 'F', 'women', 'men') as gender,
        count(*) as "EECO01",
        count(*) filter (where unemployment_months > 0) as "EECO02",
        count(*) filter (where unemployment_months >= 12) as "EECO03",
        null::bigint as "EECO04",
        null::bigint as "EECO05",
        count(*) filter (where segments.age_band = 'below 18') as "EECO06",
        count(*) filter (where segments.age_band = '18-29') as "EECO07",
        count(*) filter (where segments.age_band = '55 and above') as "EECO08",
        count(*) filter (where isced_level = '0-2') as "EECO09",
        count(*) filter (where isced_level = '3-4') as "EECO10",
        count(*) filter (where isced_level = '5-8') as "EECO11",
        count(*) filter (where has_disability) as "EECO12",
        count(*) filter (where nationality_group = 'non_EU') as "EECO13",
        count(*) filter (where migration_background = 'yes') as "EECO14",
        null::bigint as "EECO15",
        null::bigint as "EECO16",
        null::bigint as "EECO17",
        null::bigint as "EECR01",
        0::bigint as "EECR02",
        count(*) filter (where status = 'completed') as "EECR03",
        count(*) filter (where upon_leaving) as "EECR04",
        count(*) filter (where after_six_months) as "EECR05",
        null::bigint as "EECR06",
        0::bigint as incomplete,
        count(*) filter (where counts_upon_leaving) as reference_upon_leaving,
        count(*) filter (where counts_after_six_months) as reference_after_six_months,
    from built.intermediate.int_enrolment_exits
    inner join built.intermediate.int_enrolment_segments as segments using (enrolment_id)
    inner join built.marts.dim_learner_protected using (learner_id)
    left join employed using (enrolment_id)
    group by all
),
turned as (
    from counted unpivot include nulls (
        participant_count for indicator_code
        in (columns(* exclude (intake_year, gender, reference_upon_leaving, reference_after_six_months)))
    )
)
select
    intake_year,
    indicator_code,
    gender,
    as_of() as as_of_date,
    participant_count::integer as participant_count,
    case indicator_code
        when 'EECR04' then reference_upon_leaving
        when 'EECR05' then reference_after_six_months
    end::integer as reference_count,
    participant_count is not null as is_collected,
    false as is_verified,
from turned;
