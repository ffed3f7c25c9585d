{%- set indicators = [
    ("EECO01", "total number of participants", "true"),
    ("EECO02", "unemployed, including long-term unemployed", "unemployment_months > 0"),
    ("EECO03", "long-term unemployed", "unemployment_months >= 12"),
    ("EECO04", "inactive", "null"),
    ("EECO05", "employed, including self-employed", "null"),
    ("EECO06", "below 18 years of age", "age_band = 'below 18'"),
    ("EECO07", "from 18 to 29 years of age", "age_band = '18-29'"),
    ("EECO08", "55 years of age and above", "age_band = '55 and above'"),
    ("EECO09", "lower secondary education or less (ISCED 0-2)", "isced_level = '0-2'"),
    ("EECO10", "upper secondary or post-secondary education (ISCED 3-4)", "isced_level = '3-4'"),
    ("EECO11", "tertiary education (ISCED 5-8)", "isced_level = '5-8'"),
    ("EECO12", "participants with disabilities", "has_disability"),
    ("EECO13", "third-country nationals", "nationality_group = 'non_EU'"),
    ("EECO14", "participants with a foreign background", "migration_background = 'yes'"),
    ("EECO15", "minorities, including marginalised communities such as Roma people", "null"),
    ("EECO16", "homeless or affected by housing exclusion", "null"),
    ("EECO17", "from rural areas", "null"),
    ("EECR01", "engaged in job searching upon leaving", "null"),
    ("EECR02", "in education or training upon leaving", "studies_upon_leaving"),
    ("EECR03", "gaining a qualification upon leaving", "status = 'completed'"),
    ("EECR04", "in employment upon leaving", "works_upon_leaving"),
    ("EECR05", "in employment six months after leaving", "works_after_six_months"),
    ("EECR06", "improved labour market situation six months after leaving", "null"),
    ("incomplete", "participants with a record that is not complete", "is_incomplete"),
] %}

with

exits as (
    select * from {{ ref("int_enrolment_exits") }}
    where has_started
),

segments as (
    select * from {{ ref("int_enrolment_segments") }}
),

learners as (
    select * from {{ ref("dim_learner_protected") }}
),

outcomes as (
    select * from {{ ref("int_enrolment_outcome") }}
),

outcome_events as (
    select * from {{ ref("int_current_outcome_events") }}
),

studies as (
    select distinct exits.enrolment_id
    from exits
    inner join outcome_events
        on
            exits.learner_id = outcome_events.learner_id
            and outcome_events.event_date between exits.left_date and exits.left_date + 28
    where outcome_events.event_type = 'further_training'
),

-- One record per participant and operation (the intake year): who came back within it counts once, by the last exit.
participants as (
    select
        exits.enrolment_id,
        exits.status,
        exits.unemployment_months,
        segments.intake_year,
        -- A school that cuts ages elsewhere tells nothing of these bands.
        case when segments.age_band in ('below 18', '18-29', '30-54', '55 and above') then segments.age_band end
            as age_band,
        nullif(segments.isced_level, 'unknown') as isced_level,
        nullif(segments.migration_background, 'unknown') as migration_background,
        learners.has_disability,
        learners.nationality_group,
        case segments.gender when 'F' then 'women' when 'M' then 'men' when 'X' then 'non-binary' else 'unknown' end
            as gender,
        case
            when exists (from outcome_events) then studies.enrolment_id is not null
        end as studies_upon_leaving,
        upon_leaving.outcome = 'placed' as works_upon_leaving,
        after_six_months.outcome = 'placed' as works_after_six_months,
        upon_leaving.outcome in ('placed', 'not_placed', 'unknown') as counts_upon_leaving,
        after_six_months.outcome in ('placed', 'not_placed', 'unknown') as counts_after_six_months,
        segments.gender = 'unknown' or segments.age_band = 'unknown' or segments.isced_level = 'unknown'
        or exits.unemployment_months is null as is_incomplete,
    from exits
    inner join segments on exits.enrolment_id = segments.enrolment_id
    left join learners on exits.learner_id = learners.learner_id
    left join studies on exits.enrolment_id = studies.enrolment_id
    left join outcomes as upon_leaving
        on exits.enrolment_id = upon_leaving.enrolment_id and upon_leaving.definition_id = 'esf_eecr04'
    left join outcomes as after_six_months
        on exits.enrolment_id = after_six_months.enrolment_id and after_six_months.definition_id = 'esf_eecr05'
    qualify
        row_number() over (
            partition by exits.learner_id, segments.intake_year
            order by exits.start_date desc, exits.enrolment_id desc
        ) = 1
),

-- A condition is null of whoever nothing is known of; where it is null of all, no system tells it.
counted as (
    {%- for code, name, condition in indicators %}
    select
        intake_year,
        '{{ code }}' as indicator_code,
        gender,
        '{{ name }}' as indicator_name,
        count(*) filter (where {{ condition }}) as participant_count,
        {{
            "count(*) filter (where counts_upon_leaving)" if code == "EECR04"
            else "count(*) filter (where counts_after_six_months)" if code == "EECR05" else "null"
        }} as reference_count,
        sum(count({{ condition }})) over () > 0 as is_collected,
    from participants
    group by intake_year, gender
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

final as (
    select
        intake_year,
        indicator_code,
        gender,
        date '{{ var("as_of") }}' as as_of_date,
        indicator_name,
        case when is_collected then cast(participant_count as integer) end as participant_count,
        cast(reference_count as integer) as reference_count,
        is_collected,
        false as is_verified,
    from counted
)

select * from final
