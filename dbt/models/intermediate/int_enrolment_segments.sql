with

exits as (
    select * from {{ ref("int_enrolment_exits") }}
),

cohorts as (
    select * from {{ ref("cohorts") }}
    qualify row_number() over (partition by cohort_id order by known_at desc) = 1
),

learners as (
    select * from {{ ref("learners") }}
    qualify row_number() over (partition by learner_id order by known_at desc) = 1
),

internships as (
    select * from {{ ref("internships") }}
    where start_date < date '{{ var("as_of") }}' and status <> 'offered'
    qualify
        row_number() over (partition by enrolment_id order by start_date desc, known_at desc, internship_id desc) = 1
),

partners as (
    select * from {{ ref("partners") }}
    qualify row_number() over (partition by partner_id order by known_at desc) = 1
),

aged as (
    select
        exits.enrolment_id,
        coalesce(
            learners.age_band,
            case
                when year(cohorts.start_date) - learners.birth_year < 18 then 'below 18'
                when year(cohorts.start_date) - learners.birth_year < 30 then '18-29'
                when year(cohorts.start_date) - learners.birth_year < 55 then '30-54'
                when learners.birth_year is not null then '55 and above'
            end
        ) as age_band,
    from exits
    inner join cohorts on exits.cohort_id = cohorts.cohort_id
    left join learners on exits.learner_id = learners.learner_id
),

final as (
    select
        exits.enrolment_id,
        cohorts.campus,
        cohorts.region,
        cohorts.employment_service,
        cohorts.training_id as training,
        cast(year(cohorts.start_date) as text) as intake_year,
        coalesce(partners.partner_name, 'no internship') as internship_partner,
        coalesce(learners.gender, 'unknown') as gender,
        coalesce(aged.age_band, 'unknown') as age_band,
        case
            when learners.education_isced <= 2 then '0-2'
            when learners.education_isced <= 4 then '3-4'
            when learners.education_isced <= 8 then '5-8'
            else 'unknown'
        end as isced_level,
        case
            when learners.unemployment_months = 0 then 'not unemployed'
            when learners.unemployment_months < 12 then 'under 12 months'
            when learners.unemployment_months < 24 then '12-23 months'
            when learners.unemployment_months >= 24 then '24 months and over'
            else 'unknown'
        end as unemployment_duration,
        case
            when learners.has_migration_background then 'yes'
            when not learners.has_migration_background then 'no'
            else 'unknown'
        end as migration_background,
    from exits
    inner join cohorts on exits.cohort_id = cohorts.cohort_id
    left join learners on exits.learner_id = learners.learner_id
    left join aged on exits.enrolment_id = aged.enrolment_id
    left join internships on exits.enrolment_id = internships.enrolment_id
    left join partners on internships.partner_id = partners.partner_id
)

select * from final
