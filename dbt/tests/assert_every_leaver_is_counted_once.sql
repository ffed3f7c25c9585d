-- What: placed, not placed and unknown leavers are the eligible ones; with the excluded and the immature they are all.
-- When it matters: a leaver in no group, or in two, makes a placement rate look better or worse than it is.
-- How to resolve: look for an outcome of int_enrolment_outcome that mart_placement does not count.
select
    cohort_id,
    definition_id,
    segment_kind,
    segment_value,
from {{ ref("mart_placement") }}
where
    placed_count + not_placed_count + unknown_count <> eligible_count
    or eligible_count + excluded_count + immature_count <> leaver_count
