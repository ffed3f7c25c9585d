-- What: placed, placed under a scheme, not placed, unknown and immature completers add up to the completers.
-- When it matters: a completer in no group, or in two, makes a placement rate look better or worse than it is.
-- How to resolve: look for an outcome of int_placements that mart_cohort_outcomes does not count.
select cohort_id from {{ ref("mart_cohort_outcomes") }}
where completed_count <> placed_count + placed_subsidised_count + not_placed_count + unknown_count + immature_count
