-- A made-up school in the shapes of the landing, one statement per table, headed by the folder it is landed in.
-- Everything is drawn from hashes of who and what: the same size gives the same school, on any number of cores.
-- learners, cohort_size, first_start, intake_weeks and weeks are macros that landed_school.py defines.

-- prepare
-- Hashed twice: two hashes of one learner would else be each other's mirror.
create macro drawn(who, what, which := '') as hash(hash(who, what), which) / 18446744073709551616.0;

create macro drawn_day(who, what, days, which := '') as cast(floor(drawn(who, what, which := which) * days) as integer);

-- In the evening of the day, or for 6 % one to four weeks later.
create macro told_at(day, who, what) as cast(day as timestamp) + interval 16 hour + to_seconds(
    if(
        drawn(who, what, which := 'late') < 0.06,
        86400 * (7 + drawn_day(who, what, 21, which := 'wait')),
        drawn_day(who, what, 21600, which := 'hour')
    )
);

-- Facts (of a number, a key, and a day) in their two versions: 1 % are corrected one to thirty days later.
create macro told(facts) as table
select
    *,
    told_at(day, number, key) + if(version = 0, interval 0 day, to_days(1 + drawn_day(number, key, 29, which := 'again'))) as _known_at,
    version = 1 as _is_correction,
from query_table(facts)
cross join (values (0), (1)) as versions (version)
where version = 0 or drawn(number, key, which := 'wrong') < 0.01;

create table people as
select
    number,
    'E' || lpad(number::text, 7, '0') as enrolment_no,
    'lrn_' || lpad(number::text, 16, '0') as learner_no,
    number // cohort_size() as cohort,
    'C' || lpad((number // cohort_size())::text, 5, '0') as cohort_code,
    first_start() + 7 * cast((number // cohort_size()) % intake_weeks() as integer) as start_date,
    ['vdab', 'forem', 'actiris'][1 + (number // cohort_size()) % 3] as employment_service,
    drawn(number, 'stays') < 0.82 as is_completed,
    if(is_completed, start_date + 7 * weeks(), start_date + 7 + drawn_day(number, 'leaves', 7 * weeks() - 7)) as left_date,
from range(learners()) as numbers (number);

-- The heavy facts are landed so many people at a time, as a landing has many files.
create view some_people as select * from people where number >= getvariable('first') and number < getvariable('past');

create table jobs as
select
    number,
    learner_no,
    employment_service,
    left_date,
    spell,
    left_date + offset_days as start_date,
    if(kind in (1, 2, 3), left_date + offset_days + 20 + drawn_day(number, 'lasts ' || spell, 250), null) as end_date,
    kind,
from (
    select
        *,
        1 + drawn_day(number, 'kind ' || spell, 5) as kind,
        1 + cast(floor(-ln(1 - drawn(number, 'waits')) * 150) as integer) + 400 * spell as offset_days,
    from people
    cross join (values (0), (1)) as spells (spell)
)
where drawn(number, 'works ' || spell) < [0.75, 0.4][spell + 1];

-- The keys of the three kinds of facts never meet, so that their draws differ.
create view hand_ins as
select
    *,
    2000 + work as key,
    start_date + 21 * (work + 1) - 3 - 5 + drawn_day(number, 2000 + work, 11, which := 'in') as day,
from some_people
cross join (select unnest(range(12))::integer as work)
where drawn(number, 2000 + work, which := 'hands in') < 0.9;

create view active_days as
select
    *,
    start_date + (key - 1000) as day,
from some_people
cross join (select 1000 + unnest(range(7 * weeks()))::integer as key)
where drawn(number, key, which := 'is active') < 2.2 / 7;

create view half_days as
select
    *,
    start_date + 7 * (key // 4) + [0, 0, 2, 3][1 + key % 4] as day,
from some_people
cross join (select unnest(range(4 * weeks()))::integer as key);

-- sis/training
select
    'T' || number as training_code, 'Training ' || number as title, 'data' as field,
    first_start()::timestamp - interval 100 day as _known_at, false as _is_correction,
from range(10) as numbers (number);

-- sis/partner
select
    'P' || number as partner_no, 'Partner ' || number as partner_name, 'services' as sector,
    first_start()::timestamp - interval 100 day as _known_at, false as _is_correction,
from range(greatest(9, learners() // 1000)) as numbers (number);

-- sis/coach
select
    'cch_' || number as coach_no, 'Ghent' as campus, 'nl' as language,
    first_start()::timestamp - interval 100 day as _known_at, false as _is_correction,
from range(greatest(2, learners() // 50)) as numbers (number);

-- sis/learner
select
    learner_no,
    1960 + drawn_day(number, 'born', 45) as birth_year,
    if(drawn(number, 'gender') < 0.48, 'F', 'M') as gender,
    drawn_day(number, 'isced', 9) as education_isced,
    drawn_day(number, 'nationality', 3)::text as nationality_group,
    'nl' as home_language,
    'nl' as preferred_language,
    drawn(number, 'background') < 0.4 as has_migration_background,
    drawn(number, 'disability') < 0.05 as has_disability,
    drawn_day(number, 'unemployed', 40) as unemployment_months,
    'Ghent' as municipality,
    start_date::timestamp - interval 39 day as _known_at,
    false as _is_correction,
from people;

-- sis/cohort
select distinct
    cohort_code,
    'T' || cohort % 10 as training_code,
    ['Ghent', 'Charleroi', 'Brussels'][1 + cohort % 3] as campus,
    ['VLG', 'WAL', 'BRU'][1 + cohort % 3] as region,
    employment_service,
    start_date,
    start_date + 7 * (weeks() - 10) as training_end_date,
    start_date + 7 * weeks() as internship_end_date,
    start_date::timestamp - interval 90 day as _known_at,
    false as _is_correction,
from people;

-- sis/enrolment
select
    enrolment_no,
    learner_no,
    cohort_code,
    start_date - 40 as enrolled_date,
    drawn(number, 'aim') < 0.96 as wants_work_in_field,
    0::bigint as prior_attempts_count,
    start_date::timestamp - interval 39 day as _known_at,
    false as _is_correction,
from people;

-- sis/enrolment_status
select
    enrolment_no || '-' || status as status_no,
    enrolment_no,
    status,
    effective_date,
    null::text as reason_code,
    told_at(effective_date, number, status) as _known_at,
    false as _is_correction,
from (
    select number, enrolment_no, 'started' as status, start_date as effective_date, from people
    union all
    select number, enrolment_no, if(is_completed, 'completed', 'dropped_out'), left_date, from people
);

-- sis/internship
select
    'I' || number as internship_no,
    enrolment_no,
    'P' || drawn_day(number, 'partner', cast(greatest(9, learners() // 1000) as integer)) as partner_no,
    start_date + 7 * (weeks() - 10) as start_date,
    start_date + 7 * weeks() as end_date,
    'completed' as status,
    (start_date + 7 * weeks())::timestamp + interval 12 hour as _known_at,
    false as _is_correction,
from people
where is_completed;

-- sis/caseload
select
    'L' || number as caseload_no,
    'cch_' || cohort // 2 as coach_no,
    enrolment_no,
    start_date,
    null::date as end_date,
    start_date::timestamp as _known_at,
    false as _is_correction,
from people;

-- sis/support_action
select
    'A' || number as action_no,
    enrolment_no,
    'cch_' || cohort // 2 as coach_no,
    start_date + 14 + drawn_day(number, 'helped', 200) as action_date,
    'phone_call' as action_code,
    'phone' as channel,
    null::text as verdict,
    (start_date + 14 + drawn_day(number, 'helped', 200))::timestamp + interval 18 hour as _known_at,
    false as _is_correction,
from people
where drawn(number, 'is helped') < 0.5;

-- vdab/tewerkstelling
select
    learner_no as referentie,
    start_date as datum_in_dienst,
    if(_is_correction, end_date, null) as datum_uit_dienst,
    ['onbepaalde duur', 'bepaalde duur', 'interim', 'IBO', 'zelfstandige'][kind] as contracttype,
    [100, 80, 50][1 + drawn_day(number, 'hours', 3)]::bigint as arbeidsregime_pct,
    if(kind = 4, 'IBO', null) as maatregel,
    ['2511', '2512', '4132', '5223'][1 + drawn_day(number, 'occupation', 4)] as beroepscode_isco,
    if(drawn(number, 'at partner') < 0.3, 'ja', 'nee') as werkgever_is_partner,
    if(_is_correction, end_date, start_date)::timestamp + interval 25 day as _known_at,
    _is_correction,
from jobs
cross join (values (false), (true)) as versions (_is_correction)
where employment_service = 'vdab' and drawn(number, 'registered') < 0.94 and (end_date is not null or not _is_correction);

-- forem/insertion
select
    learner_no as reference_stagiaire,
    start_date as date_debut,
    if(_is_correction, end_date, null) as date_fin,
    ['CDI', 'CDD', 'intérim', 'PFI', 'indépendant'][kind] as type_contrat,
    [100, 80, 50][1 + drawn_day(number, 'hours', 3)]::bigint as temps_travail_pct,
    if(kind = 4, 'PFI', null) as mesure,
    ['2511', '2512', '4132', '5223'][1 + drawn_day(number, 'occupation', 4)] as code_profession_isco,
    if(drawn(number, 'at partner') < 0.3, 'oui', 'non') as employeur_partenaire,
    if(_is_correction, end_date, start_date)::timestamp + interval 25 day as _known_at,
    _is_correction,
from jobs
cross join (values (false), (true)) as versions (_is_correction)
where employment_service = 'forem' and drawn(number, 'registered') < 0.94 and (end_date is not null or not _is_correction);

-- actiris/sorties_uitstroom
select
    learner_no as reference_referentie,
    start_date as date_debut_begindatum,
    if(_is_correction, end_date, null) as date_fin_einddatum,
    'emploi/werk' as type_sortie_uitstroomtype,
    ['CDI/onbepaalde duur', 'CDD/bepaalde duur', 'intérim/uitzendarbeid', 'FPI/FPI', 'indépendant/zelfstandige'][kind]
        as contrat_contract,
    [100, 80, 50][1 + drawn_day(number, 'hours', 3)]::bigint as temps_travail_arbeidstijd_pct,
    if(kind = 4, 'FPI', null) as mesure_maatregel,
    ['2511', '2512', '4132', '5223'][1 + drawn_day(number, 'occupation', 4)] as isco08,
    if(drawn(number, 'at partner') < 0.3, 'oui_ja', 'non_nee') as partenaire_partner,
    if(_is_correction, end_date, start_date)::timestamp + interval 25 day as _known_at,
    _is_correction,
from jobs
cross join (values (false), (true)) as versions (_is_correction)
where employment_service = 'actiris' and drawn(number, 'registered') < 0.94 and (end_date is not null or not _is_correction);

-- survey/followup
select
    people.learner_no,
    people.enrolment_no,
    wave_months::bigint as wave_months,
    people.left_date + sent_days as sent_date,
    if(answers, people.left_date + sent_days + 6, null) as answered_date,
    case when answers then if(works, 'working', 'seeking') end as situation,
    if(answers and works, jobs.start_date, null) as job_start_date,
    if(answers and works, 'permanent', null) as contract_type,
    if(answers and works, 100, null)::bigint as hours_pct,
    if(answers and works, '2511', null) as isco08,
    if(answers and works, false, null) as employer_is_partner,
    if(answers and works, false, null) as employer_is_school,
    (people.left_date + sent_days)::timestamp + interval 7 day as _known_at,
    false as _is_correction,
from people
cross join (values (3, 91), (6, 182), (12, 365)) as waves (wave_months, sent_days)
left join jobs
    on people.number = jobs.number and jobs.spell = 0
cross join lateral (
    select
        drawn(people.number, 'answers ' || wave_months) < 0.86 as answers,
        coalesce(
            jobs.start_date <= people.left_date + sent_days
            and coalesce(jobs.end_date, date '9999-12-31') >= people.left_date + sent_days, false
        ) as works,
) as state;

-- lms/assignment
select
    'A' || substr(cohort_code, 2) || '-' || work as assignment_no,
    cohort_code,
    'Work ' || work as title,
    'project' as assignment_type,
    start_date + 21 * (work + 1) - 3 as due_date,
    8.0::double as weight_pct,
    start_date::timestamp - interval 30 day as _known_at,
    false as _is_correction,
from (select distinct cohort_code, start_date from people)
cross join (select unnest(range(12))::integer as work);

-- lms/submission in parts
select
    'A' || substr(cohort_code, 2) || '-' || work as assignment_no,
    enrolment_no,
    day as submitted_date,
    start_date + 21 * (work + 1) - 3 as due_date,
    'correct' as grade,
    30 + drawn_day(number, key, 650, which := 'score') / 10 + 5 * version as score_pct,
    _known_at,
    _is_correction,
from told('hand_ins')
order by date_trunc('week', _known_at);

-- lms/activity in parts
select
    enrolment_no,
    day as activity_date,
    drawn_day(number, key, 60, which := 'actions')::bigint + 3 * version as action_count,
    _known_at,
    _is_correction,
from told('active_days')
order by date_trunc('week', _known_at);

-- lms/attendance in parts
select
    enrolment_no,
    day as session_date,
    if(key % 2 = 0, 'am', 'pm') as session_part,
    case
        when share < 0.80 then 'present'
        when share < 0.88 then 'late'
        when share < 0.93 then 'excused'
        else 'absent'
    end as mark,
    _known_at,
    _is_correction,
from (select *, drawn(number, key, which := version) as share from told('half_days'))
order by date_trunc('week', _known_at);
