-- What: no count of the panel is below zero, and no part of a count is above the whole.
-- When it matters: a correction that is taken off twice, or before it counted, shows as a negative count.
-- How to resolve: `passerelle build --full-refresh`; if it stays, look at the landed versions of that enrolment.
select
    enrolment_id,
    as_of_date,
from {{ ref("fct_enrolment_week") }}
where
    least(
        planned_half_days_count, attended_half_days_count, late_count, unexcused_count, planned_half_days_count_4w,
        active_days_count, active_days_count_1w, active_days_count_4w, action_count, pre_start_active_days_count,
        handed_in_count, handed_in_of_due_count, late_hand_in_count, scored_count,
        other_completed_count, other_failed_count, other_dropped_out_count, other_running_count, other_scored_count
    ) < 0
    or planned_half_days_count_4w > planned_half_days_count
    or handed_in_of_due_count > handed_in_count
