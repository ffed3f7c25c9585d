-- The floor: mart_partner from the same built and conformed tables. It may take for granted what the benchmark's school
-- guarantees and dbt's model may not: one version of every partner and internship, one internship of a learner, all completed.
create table mart_partner as
with
outcomes as (
    select enrolment_id, outcome, is_at_partner
    from built.intermediate.int_enrolment_outcome
    inner join built.marts.dim_outcome_definition using (definition_id)
    where is_in_force and excluded_reason is null and outcome <> 'immature'
)
select
    partner_id,
    partner_name,
    sector,
    as_of() as as_of_date,
    count(internship_id)::integer as offered_count,
    count(*) filter (where start_date < as_of())::integer as taken_count,
    count(internship_id)::integer as completed_count,
    0 as broken_off_count,
    count(outcome)::integer as eligible_count,
    count(*) filter (where outcome = 'placed')::integer as placed_count,
    count(*) filter (where outcome = 'placed' and is_at_partner)::integer as hired_by_a_partner_count,
from built.conformed.partners
left join built.conformed.internships using (partner_id)
left join outcomes using (enrolment_id)
group by partner_id, partner_name, sector;
