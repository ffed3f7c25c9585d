-- The floor: the same panel as fct_enrolment_week from the same parquet, in one statement tuned by hand for DuckDB; of a
-- school of more than 100,000, in one for each part of the enrolments (floors.py). Its windows are one frame for each sum:
-- dbt/README.md tells what it costs with the tricks of decision 11.
-- It may take for granted what the benchmark's school guarantees and dbt's models may not: one version of every
-- cohort, enrolment, learner and assignment, nothing before the start, nothing known in advance.
with

spans as (
    select
        enrolment.enrolment_no as enrolment_id,
        cohort.cohort_code as cohort_id,
        cohort.campus,
        cohort.training_code as training_id,
        enrolment.learner_no as learner_id,
        cohort.start_date,
        cohort.start_date - enrolment.enrolled_date as enrolled_lead_days,
        enrolment.prior_attempts_count,
        week(cohort.start_date) as from_week,
        least(week(cohort.internship_end_date) - 1, week(as_of() - 1)) as to_week,
    from read_parquet('{landing}/sis/enrolment/*.parquet') as enrolment
    inner join read_parquet('{landing}/sis/cohort/*.parquet') as cohort using (cohort_code)
    where {part}
),

mondays as (
    select enrolment_id, cohort_id, unnest(range(from_week, to_week + 1)) as week
    from spans
),

attendance as (
    select
        enrolment_no as enrolment_id, session_date, session_part, mark,
        local(_known_at) as known_at, _is_correction as is_correction,
    from read_parquet('{landing}/lms/attendance/*.parquet')
    where _known_at < midnight() and {part}
),

attendance_replaced as (
    select *, lead(known_at) over (partition by enrolment_id, session_date, session_part order by known_at) as replaced_at
    from attendance
    where (enrolment_id, session_date, session_part) in (
        select (enrolment_id, session_date, session_part) from attendance where is_correction
    )
    qualify replaced_at is not null
),

attendance_weeks as (
    select
        enrolment_id, week(session_date) as happened, week(known_at::date) as known, false as is_withdrawal,
        count(*) as planned, count(*) filter (mark in ('present', 'late')) as attended,
        count(*) filter (mark = 'late') as late, count(*) filter (mark = 'absent') as unexcused,
    from attendance
    group by all
    union all
    select
        enrolment_id, week(session_date), week(replaced_at::date), true,
        -count(*), -count(*) filter (mark in ('present', 'late')),
        -count(*) filter (mark = 'late'), -count(*) filter (mark = 'absent'),
    from attendance_replaced
    group by all
),

attendance_late as (
    select
        enrolment_id, known + delay as week,
        sum(if(delay = 0, planned, 0))::integer as planned, sum(if(delay = 0, attended, 0))::integer as attended,
        sum(if(delay = 0, late, 0))::integer as late, sum(if(delay = 0, unexcused, 0))::integer as unexcused,
        sum(if(known + delay < happened + 4, planned, 0))::integer as planned_4w,
        sum(if(known + delay < happened + 4, attended, 0))::integer as attended_4w,
        sum(if(known + delay < happened + 4, late, 0))::integer as late_4w,
        sum(if(known + delay < happened + 4, unexcused, 0))::integer as unexcused_4w,
    from attendance_weeks, (values (0), (1), (2), (3)) as delays (delay)
    where (known > happened or is_withdrawal) and (delay = 0 or known + delay < happened + 4)
    group by all
),

activity as (
    select
        enrolment_no as enrolment_id, activity_date, action_count,
        local(_known_at) as known_at, _is_correction as is_correction,
    from read_parquet('{landing}/lms/activity/*.parquet')
    where _known_at < midnight() and {part}
),

activity_replaced as (
    select *, lead(known_at) over (partition by enrolment_id, activity_date order by known_at) as replaced_at
    from activity
    where (enrolment_id, activity_date) in (select (enrolment_id, activity_date) from activity where is_correction)
    qualify replaced_at is not null
),

activity_weeks as (
    select
        enrolment_id, week(activity_date) as happened, week(known_at::date) as known, false as is_withdrawal,
        count(*) filter (action_count > 0) as days, sum(action_count)::integer as actions,
    from activity
    group by all
    union all
    select
        enrolment_id, week(activity_date), week(replaced_at::date), true,
        -count(*) filter (action_count > 0), -sum(action_count)::integer,
    from activity_replaced
    group by all
),

activity_late as (
    select
        enrolment_id, known + delay as week,
        sum(if(delay = 0, days, 0))::integer as days, sum(if(delay = 0, actions, 0))::integer as actions,
        sum(if(known + delay < happened + 1, days, 0))::integer as days_1w,
        sum(if(known + delay < happened + 2, days, 0))::integer as days_2w,
        sum(if(known + delay < happened + 4, days, 0))::integer as days_4w,
        sum(if(known + delay < happened + 4, actions, 0))::integer as actions_4w,
    from activity_weeks, (values (0), (1), (2), (3)) as delays (delay)
    where (known > happened or is_withdrawal) and (delay = 0 or known + delay < happened + 4)
    group by all
),

submissions as (
    select
        assignment_no, enrolment_no as enrolment_id, submitted_date, due_date, score_pct, local(_known_at) as known_at,
        lead(local(_known_at)) over (partition by assignment_no, enrolment_no order by _known_at) as replaced_at,
    from read_parquet('{landing}/lms/submission/*.parquet')
    where _known_at < midnight() and {part}
),

submission_changes as (
    select *, week(known_at::date) as known, 1 as sign from submissions
    union all
    select *, week(replaced_at::date), -1 from submissions where replaced_at is not null
),

held as (
    select
        assignment_no, enrolment_id, greatest(week(known_at::date), week(submitted_date), week(due_date)) as week,
        week(replaced_at::date) as replaced, 100 * least(28, greatest(-28, due_date - submitted_date)) as lead_hundredths,
        round(score_pct * 100) as hundredths,
    from submissions
    where coalesce(week(replaced_at::date) > greatest(week(known_at::date), week(submitted_date), week(due_date)), true)
),

peers as (
    select
        assignment_no, week, sum(sum(lead_hundredths)) over so_far / sum(count(lead_hundredths)) over so_far as lead_hundredths,
        sum(sum(hundredths)) over so_far / sum(count(hundredths)) over so_far as hundredths,
        10 * sum(count_if(hundredths between 1 and 100)) over so_far < sum(count(hundredths)) over so_far as is_legible,
    from held
    group by assignment_no, week
    window so_far as (partition by assignment_no order by week)
),

beside as (
    select
        enrolment_id, week, replaced, round(held.lead_hundredths - peers.lead_hundredths)::integer as lead_beside,
        greatest(1, (date '1970-01-05' + 7 * week::integer - start_date) // 7) as week_of_training,
        if(is_legible, held.hundredths, null) as own_hundredths,
        if(own_hundredths is null, 0, 1) as scored, coalesce(own_hundredths, 0)::integer as hundredths,
        scored * week_of_training as scored_weeks,
        coalesce(round(own_hundredths - peers.hundredths) * week_of_training, 0)::integer as score_beside,
    from held
    inner join peers using (assignment_no, week)
    inner join spans using (enrolment_id)
),

results as (
    select
        enrolment_id, greatest(known, week(submitted_date)) as week,
        sum(sign)::integer as handed_in, sum(if(submitted_date > due_date, sign, 0))::integer as late_hand_in,
        0 as handed_in_of_due, 0 as scored, 0 as hundredths, 0 as lead_beside, 0 as scored_weeks, 0 as score_beside,
    from submission_changes
    group by all
    union all
    select
        enrolment_id, greatest(known, week(submitted_date), week(due_date)), 0, 0, sum(sign)::integer, 0, 0, 0, 0, 0,
    from submission_changes
    group by all
    union all
    select enrolment_id, week, 0, 0, 0, scored, hundredths, lead_beside, scored_weeks, score_beside from beside
    union all
    select enrolment_id, replaced, 0, 0, 0, -scored, -hundredths, -lead_beside, -scored_weeks, -score_beside
    from beside
    where replaced is not null
),

result_weeks as (
    select
        enrolment_id, greatest(week, from_week) as week, sum(handed_in)::integer as handed_in,
        sum(late_hand_in)::integer as late_hand_in, sum(handed_in_of_due)::integer as handed_in_of_due,
        sum(scored)::integer as scored, sum(hundredths)::integer as hundredths,
        sum(lead_beside)::integer as lead_beside, sum(scored_weeks)::integer as scored_weeks, sum(score_beside)::integer as score_beside,
    from results
    inner join spans using (enrolment_id)
    group by all
),

counted as (
    select
        mondays.enrolment_id,
        mondays.cohort_id,
        mondays.week,
        sum(coalesce(ontime.planned, 0) + coalesce(al.planned, 0)) over so_far as planned,
        sum(coalesce(ontime.planned, 0)) over four_weeks + coalesce(al.planned_4w, 0) as planned_4w,
        sum(coalesce(ontime.attended, 0) + coalesce(al.attended, 0)) over so_far as attended,
        sum(coalesce(ontime.attended, 0)) over four_weeks + coalesce(al.attended_4w, 0) as attended_4w,
        sum(coalesce(ontime.late, 0) + coalesce(al.late, 0)) over so_far as late,
        sum(coalesce(ontime.late, 0)) over four_weeks + coalesce(al.late_4w, 0) as late_4w,
        sum(coalesce(ontime.unexcused, 0) + coalesce(al.unexcused, 0)) over so_far as unexcused,
        sum(coalesce(ontime.unexcused, 0)) over four_weeks + coalesce(al.unexcused_4w, 0) as unexcused_4w,
        sum(coalesce(ac.days, 0) + coalesce(cl.days, 0)) over so_far as days,
        coalesce(ac.days, 0) + coalesce(cl.days_1w, 0) as days_1w,
        sum(coalesce(ac.days, 0)) over two_weeks + coalesce(cl.days_2w, 0) as days_2w,
        sum(coalesce(ac.days, 0)) over four_weeks + coalesce(cl.days_4w, 0) as days_4w,
        sum(coalesce(ac.actions, 0) + coalesce(cl.actions, 0)) over so_far as actions,
        sum(coalesce(ac.actions, 0)) over four_weeks + coalesce(cl.actions_4w, 0) as actions_4w,
        sum(coalesce(re.handed_in, 0)) over so_far as handed_in,
        sum(coalesce(re.late_hand_in, 0)) over so_far as late_hand_in,
        sum(coalesce(re.handed_in_of_due, 0)) over so_far as handed_in_of_due,
        sum(coalesce(re.scored, 0)) over so_far as scored,
        sum(coalesce(re.hundredths, 0)) over so_far as hundredths,
        sum(coalesce(re.lead_beside, 0)) over so_far as lead_beside,
        sum(coalesce(re.scored_weeks, 0)) over so_far as scored_weeks,
        sum(coalesce(re.score_beside, 0)) over so_far as score_beside,
    from mondays
    left join attendance_weeks as ontime
        on mondays.enrolment_id = ontime.enrolment_id and mondays.week = ontime.happened
        and ontime.known = ontime.happened and not ontime.is_withdrawal
    left join attendance_late as al on mondays.enrolment_id = al.enrolment_id and mondays.week = al.week
    left join activity_weeks as ac
        on mondays.enrolment_id = ac.enrolment_id and mondays.week = ac.happened
        and ac.known = ac.happened and not ac.is_withdrawal
    left join activity_late as cl on mondays.enrolment_id = cl.enrolment_id and mondays.week = cl.week
    left join result_weeks as re on mondays.enrolment_id = re.enrolment_id and mondays.week = re.week
    window
        so_far as (partition by mondays.enrolment_id order by mondays.week rows unbounded preceding),
        four_weeks as (partition by mondays.enrolment_id order by mondays.week rows 3 preceding),
        two_weeks as (partition by mondays.enrolment_id order by mondays.week rows 1 preceding)
),

cohort_weeks as (
    select cohort_id, week, bool_or(planned > 0) as has_attendance, bool_or(days_2w > 0) as has_activity,
    from counted
    group by all
),

due as (
    select cohort_code as cohort_id, cohort_weeks.week, count(*) filter (week(due_date) <= cohort_weeks.week) as due_count,
    from cohort_weeks
    inner join read_parquet('{landing}/lms/assignment/*.parquet') on cohort_code = cohort_id
    group by all
),

leaving as (
    select enrolment_no as enrolment_id, greatest(week(local(_known_at)::date), week(effective_date)) as left_week,
    from read_parquet('{landing}/sis/enrolment_status/*.parquet')
    where status = 'dropped_out' and _known_at < midnight() and {part}
)

select
    counted.enrolment_id,
    date '1970-01-05' + 7 * counted.week::integer as as_of_date,
    counted.cohort_id,
    campus,
    training_id,
    learner_id,
    ((date '1970-01-05' + 7 * counted.week::integer - start_date) // 7)::integer as week_of_training,
    enrolled_lead_days::integer as enrolled_lead_days,
    prior_attempts_count::integer as prior_attempts_count,
    null::integer as credits_studied,
    learner.education_isced::integer as education_isced,
    0 as other_completed_count,
    0 as other_failed_count,
    0 as other_dropped_out_count,
    0 as other_running_count,
    0 as other_scored_count,
    0.0::double as other_score_pct_sum,
    if(has_attendance, planned, null)::integer as planned_half_days_count,
    if(has_attendance, planned_4w, null)::integer as planned_half_days_count_4w,
    if(has_attendance, attended, null)::integer as attended_half_days_count,
    if(has_attendance, attended_4w, null)::integer as attended_half_days_count_4w,
    if(has_attendance, late, null)::integer as late_count,
    if(has_attendance, late_4w, null)::integer as late_count_4w,
    if(has_attendance, unexcused, null)::integer as unexcused_count,
    if(has_attendance, unexcused_4w, null)::integer as unexcused_count_4w,
    if(has_activity, days, null)::integer as active_days_count,
    if(has_activity, days_4w, null)::integer as active_days_count_4w,
    if(has_activity, actions, null)::integer as action_count,
    if(has_activity, actions_4w, null)::integer as action_count_4w,
    if(has_activity, days_1w, null)::integer as active_days_count_1w,
    if(has_activity, 0, null)::integer as pre_start_active_days_count,
    due_count::integer as due_count,
    handed_in::integer as handed_in_count,
    handed_in_of_due::integer as handed_in_of_due_count,
    late_hand_in::integer as late_hand_in_count,
    scored::integer as scored_count,
    hundredths / 100 as score_pct_sum,
    lead_beside / 100 as lead_days_beside_peers_sum,
    scored_weeks::integer as scored_weeks_sum,
    score_beside / 100 as score_pct_weeks_beside_peers_sum,
    coalesce(counted.week < left_week, true) as is_active,
    has_attendance,
    has_activity,
    true as has_assessments,
from counted
inner join spans using (enrolment_id)
inner join read_parquet('{landing}/sis/learner/*.parquet') as learner on spans.learner_id = learner.learner_no
inner join cohort_weeks on counted.cohort_id = cohort_weeks.cohort_id and counted.week = cohort_weeks.week
inner join due on counted.cohort_id = due.cohort_id and counted.week = due.week
left join leaving on counted.enrolment_id = leaving.enrolment_id
