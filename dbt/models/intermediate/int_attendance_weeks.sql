-- depends_on: {{ ref("int_enrolment_versions") }}
{{ config(materialized="kept_rows", in_parts_of="intermediate.int_enrolment_versions") }}

with

-- Not materialized: each of its readers then skips the parquet that cannot matter to it.
attendance as not materialized (
    select * from {{ ref("attendance") }}
    where {{ is_in_this_part() }}
),

-- One lean aggregation over every version, late or not; what a correction replaced is taken off again below.
told as (
    select
        enrolment_id,
        {{ visible_week("session_date") }} as week_happened,
        {{ visible_week("cast(known_at as date)") }} as week_known,
        count(*) as planned_half_days_count,
        count(*) filter (where mark in ('present', 'late')) as attended_half_days_count,
        count(*) filter (where mark = 'late') as late_count,
        count(*) filter (where mark = 'absent') as unexcused_count,
    from attendance
    where {{ is_newly_known() }}
    group by all
),

replaced as (
    {{ superseded_versions("attendance", ["enrolment_id", "session_date", "session_part"]) }}
),

withdrawn as (
    select
        enrolment_id,
        {{ visible_week("session_date") }} as week_happened,
        {{ visible_week("cast(replaced_at as date)") }} as week_known,
        -count(*) as planned_half_days_count,
        -count(*) filter (where mark in ('present', 'late')) as attended_half_days_count,
        -count(*) filter (where mark = 'late') as late_count,
        -count(*) filter (where mark = 'absent') as unexcused_count,
    from replaced
    group by all
),

changes as (
    select
        *,
        false as is_withdrawal,
    from told
    union all
    select
        *,
        true as is_withdrawal,
    from withdrawn
),

final as (
    select
        enrolment_id,
        week_happened,
        week_known,
        is_withdrawal,
        cast(planned_half_days_count as smallint) as planned_half_days_count,
        cast(attended_half_days_count as smallint) as attended_half_days_count,
        cast(late_count as smallint) as late_count,
        cast(unexcused_count as smallint) as unexcused_count,
    from changes
)

select * from final
