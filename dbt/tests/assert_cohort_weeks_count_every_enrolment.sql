-- What: the learners of a cohort's last week are the rows of the panel, active or gone.
-- When it matters: a row lost or doubled between the panel and the cohort's figures changes every share.
-- How to resolve: look for a cohort that changed its training or campus within one week.
with

panel as (
    select
        cohort_id,
        as_of_date,
        count(*) as row_count,
    from {{ ref("fct_enrolment_week") }}
    group by cohort_id, as_of_date
),

cohort_weeks as (
    select * from {{ ref("mart_cohort_week") }}
)

select
    panel.cohort_id,
    panel.as_of_date,
from panel
left join cohort_weeks on panel.cohort_id = cohort_weeks.cohort_id and panel.as_of_date = cohort_weeks.as_of_date
where
    panel.row_count <> cohort_weeks.active_count + cohort_weeks.left_count
    or cohort_weeks.cohort_id is null
