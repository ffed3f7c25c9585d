-- The panel of one Monday, asked of the landed files in the plainest way: the latest version of everything known
-- before it, counted where it happened before it. Slow and without state; what the real panel must equal.
with

cohorts as (
    select * from read_parquet('{landing}/sis/cohort/*.parquet')
    where _known_at < midnight()
    qualify row_number() over (partition by cohort_code order by _known_at desc) = 1
),

enrolments as (
    select * from read_parquet('{landing}/sis/enrolment/*.parquet')
    where _known_at < midnight()
    qualify row_number() over (partition by enrolment_no order by _known_at desc) = 1
),

learners as (
    select * from read_parquet('{landing}/sis/learner/*.parquet')
    where _known_at < midnight()
    qualify row_number() over (partition by learner_no order by _known_at desc) = 1
),

status_changes as (
    select * from read_parquet('{landing}/sis/enrolment_status/*.parquet')
    where _known_at < midnight()
    qualify row_number() over (partition by status_no order by _known_at desc) = 1
),

statuses as (
    select
        enrolment_no,
        arg_max(status, (effective_date, _known_at, status_no)) as status,
    from status_changes
    where effective_date < monday()
    group by enrolment_no
),

attendance as (
    select * from read_parquet('{landing}/lms/attendance/*.parquet')
    where _known_at < midnight()
    qualify row_number() over (partition by enrolment_no, session_date, session_part order by _known_at desc) = 1
),

attendance_counts as (
    select
        enrolment_no,
        count(*) as planned_half_days_count,
        count(*) filter (mark in ('present', 'late')) as attended_half_days_count,
        count(*) filter (mark = 'late') as late_count,
        count(*) filter (mark = 'absent') as unexcused_count,
        count(*) filter (session_date >= monday() - 28) as planned_half_days_count_4w,
        count(*) filter (mark in ('present', 'late') and session_date >= monday() - 28) as attended_half_days_count_4w,
        count(*) filter (mark = 'late' and session_date >= monday() - 28) as late_count_4w,
        count(*) filter (mark = 'absent' and session_date >= monday() - 28) as unexcused_count_4w,
    from attendance
    where session_date < monday()
    group by enrolment_no
),

activity as (
    select activity.*, date_trunc('week', start_date) as first_monday
    from read_parquet('{landing}/lms/activity/*.parquet') as activity
    inner join enrolments using (enrolment_no)
    inner join cohorts using (cohort_code)
    where activity._known_at < midnight()
    qualify row_number() over (partition by enrolment_no, activity_date order by activity._known_at desc) = 1
),

activity_counts as (
    select
        enrolment_no,
        count(*) filter (action_count > 0 and activity_date >= first_monday) as active_days_count,
        coalesce(sum(action_count) filter (activity_date >= first_monday), 0) as action_count,
        count(*) filter (action_count > 0 and activity_date < first_monday) as pre_start_active_days_count,
        count(*) filter (action_count > 0 and activity_date >= monday() - 7) as active_days_count_1w,
        count(*) filter (action_count > 0 and activity_date >= monday() - 14) as active_days_count_2w,
        count(*) filter (action_count > 0 and activity_date >= monday() - 28) as active_days_count_4w,
        coalesce(sum(action_count) filter (activity_date >= monday() - 28), 0) as action_count_4w,
    from activity
    where activity_date < monday()
    group by enrolment_no
),

submissions as (
    select * from read_parquet('{landing}/lms/submission/*.parquet')
    where _known_at < midnight()
    qualify row_number() over (partition by assignment_no, enrolment_no order by _known_at desc) = 1
),

submission_counts as (
    select
        enrolment_no,
        count(*) as handed_in_count,
        count(*) filter (due_date < monday()) as handed_in_of_due_count,
        count(*) filter (submitted_date > due_date) as late_hand_in_count,
    from submissions
    where submitted_date < monday()
    group by enrolment_no
),

-- Every version ever, from the Monday from which it counts (the first after it was known, handed in and due) until the
-- Monday from which another one is known.
result_versions as (
    select
        *,
        date_trunc('week', greatest(known_date, submitted_date, due_date)) + interval 7 days as counted_from,
        date_trunc('week', lead(known_date) over versions) + interval 7 days as replaced_from,
        100 * least(28, greatest(-28, due_date - submitted_date)) as lead_hundredths,
        round(100 * score_pct) as score_hundredths,
    from (
        select *, timezone('Europe/Brussels', timezone('UTC', _known_at))::date as known_date,
        from read_parquet('{landing}/lms/submission/*.parquet')
        where _known_at < midnight()
    )
    window versions as (partition by assignment_no, enrolment_no order by _known_at)
),

counted_results as (
    select * from result_versions
    where counted_from <= monday() and coalesce(replaced_from > counted_from, true)
),

-- Each result that holds on the Monday beside all that counted of the same assignment when it began to count itself;
-- without its score where a tenth of theirs were above 0 and at most 1.
beside_peers as (
    select
        mine.enrolment_no,
        mine.counted_from,
        mine.assignment_no,
        10 * count_if(others.score_hundredths between 1 and 100) >= count(others.score_hundredths) as is_on_two_scales,
        round(any_value(mine.lead_hundredths) - avg(others.lead_hundredths)) / 100 as lead_days,
        if(is_on_two_scales, null, any_value(mine.score_hundredths)) as own_hundredths,
        round(own_hundredths - avg(others.score_hundredths)) / 100 as score_pct,
    from counted_results as mine
    inner join counted_results as others
        on mine.assignment_no = others.assignment_no and others.counted_from <= mine.counted_from
    where mine.replaced_from is null
    group by mine.enrolment_no, mine.assignment_no, mine.counted_from
),

enrolment_versions as (
    select *, timezone('Europe/Brussels', timezone('UTC', _known_at))::date as known_date,
    from read_parquet('{landing}/sis/enrolment/*.parquet')
),

cohort_versions as (
    select *, timezone('Europe/Brussels', timezone('UTC', _known_at))::date as known_date,
    from read_parquet('{landing}/sis/cohort/*.parquet')
),

-- The start as it was known on the Monday from which a result counts: of the latest version of the enrolment, and of
-- its cohort. Where none was, the result counts as one of the first week.
weighed_results as (
    select
        beside_peers.enrolment_no,
        any_value(lead_days) as lead_days,
        any_value(score_pct) as score_pct,
        any_value(own_hundredths) as own_hundredths,
        greatest(1, coalesce(date_diff('day', arg_max(
            cohort_versions.start_date, (enrolment_versions._known_at, cohort_versions._known_at)
        ), any_value(counted_from)::date) // 7, 1)) as week_of_training,
    from beside_peers
    left join enrolment_versions
        on beside_peers.enrolment_no = enrolment_versions.enrolment_no and enrolment_versions.known_date < counted_from
    left join cohort_versions
        on enrolment_versions.cohort_code = cohort_versions.cohort_code and cohort_versions.known_date < counted_from
    group by beside_peers.enrolment_no, assignment_no
),

peer_counts as (
    select
        enrolment_no,
        count(own_hundredths) as scored_count,
        coalesce(sum(own_hundredths), 0) / 100 as score_pct_sum,
        round(coalesce(sum(lead_days), 0), 2) as lead_days_beside_peers_sum,
        coalesce(sum(week_of_training) filter (own_hundredths is not null), 0) as scored_weeks_sum,
        round(coalesce(sum(score_pct * week_of_training), 0), 2) as score_pct_weeks_beside_peers_sum,
    from weighed_results
    group by enrolment_no
),

assignments as (
    select * from read_parquet('{landing}/lms/assignment/*.parquet')
    where _known_at < midnight()
    qualify row_number() over (partition by assignment_no order by _known_at desc) = 1
),

due_counts as (
    select
        cohort_code,
        count(*) filter (due_date < monday()) as due_count,
    from assignments
    group by cohort_code
),

other_counts as (
    select
        enrolments.enrolment_no,
        count(*) filter (statuses.status = 'completed') as other_completed_count,
        count(*) filter (statuses.status in ('failed', 'excluded')) as other_failed_count,
        count(*) filter (statuses.status = 'dropped_out') as other_dropped_out_count,
        count(*) filter (coalesce(statuses.status not in ('completed', 'failed', 'dropped_out', 'excluded'), true)) as other_running_count,
        coalesce(sum(peer_counts.scored_count), 0) as other_scored_count,
        coalesce(sum(peer_counts.score_pct_sum), 0) as other_score_pct_sum,
    from enrolments
    inner join enrolments as others
        on enrolments.learner_no = others.learner_no and enrolments.enrolment_no <> others.enrolment_no
    left join statuses on others.enrolment_no = statuses.enrolment_no
    left join peer_counts on others.enrolment_no = peer_counts.enrolment_no
    group by enrolments.enrolment_no
),

joined as (
    select
        enrolment_no,
        cohort_code,
        campus,
        training_code,
        learner_no,
        monday() as as_of_date,
        start_date,
        enrolled_date,
        prior_attempts_count,
        education_isced,
        coalesce(columns(attendance_counts.* exclude (enrolment_no)), 0),
        coalesce(columns(activity_counts.* exclude (enrolment_no)), 0),
        coalesce(columns(submission_counts.* exclude (enrolment_no)), 0),
        coalesce(columns(peer_counts.* exclude (enrolment_no)), 0),
        coalesce(columns(other_counts.* exclude (enrolment_no)), 0),
        coalesce(due_counts.due_count, 0) as due_count,
        coalesce(statuses.status not in ('completed', 'failed', 'dropped_out', 'excluded'), true) as is_active,
        due_counts.cohort_code is not null as has_assessments,
    from enrolments
    inner join cohorts using (cohort_code)
    left join learners using (learner_no)
    left join statuses using (enrolment_no)
    left join attendance_counts using (enrolment_no)
    left join activity_counts using (enrolment_no)
    left join submission_counts using (enrolment_no)
    left join peer_counts using (enrolment_no)
    left join other_counts using (enrolment_no)
    left join due_counts using (cohort_code)
    where monday() between start_date + 7 and internship_end_date
),

flagged as (
    select
        *,
        max(planned_half_days_count) over (partition by cohort_code) > 0 as has_attendance,
        max(active_days_count_2w) over (partition by cohort_code) > 0 as has_activity,
    from joined
)

select
    enrolment_no as enrolment_id,
    as_of_date,
    cohort_code as cohort_id,
    campus,
    training_code as training_id,
    learner_no as learner_id,
    (as_of_date - start_date) // 7 as week_of_training,
    start_date - enrolled_date as enrolled_lead_days,
    prior_attempts_count,
    education_isced,
    columns('^other_'),
    case when has_attendance then columns('^(planned|attended|late_count|unexcused)') end,
    case when has_activity then columns('^(pre_start_)?active_days_count(_[14]w)?$|^action') end,
    case when has_assessments then columns('^(due|handed|lead_days|late_hand|scored|score_pct)') end,
    is_active,
    has_attendance,
    has_activity,
    has_assessments,
from flagged
