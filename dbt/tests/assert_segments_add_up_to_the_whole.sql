-- What: over the values of a segment, each count adds up to the count of the same cohort and definition as a whole.
-- When it matters: a learner in no segment, or in two, makes the segments tell another story than the headline.
-- How to resolve: look in int_enrolment_segments for an enrolment that is missing or there twice.
select
    parts.cohort_id,
    parts.definition_id,
    parts.segment_kind,
from {{ ref("mart_placement") }} as parts
inner join {{ ref("mart_placement") }} as wholes
    on
        parts.cohort_id = wholes.cohort_id
        and parts.definition_id = wholes.definition_id
        and wholes.segment_kind = 'all'
where parts.segment_kind <> 'all'
group by parts.cohort_id, parts.definition_id, parts.segment_kind
having
    sum(parts.leaver_count) <> max(wholes.leaver_count)
    or sum(parts.eligible_count) <> max(wholes.eligible_count)
    or sum(parts.placed_count) <> max(wholes.placed_count)
