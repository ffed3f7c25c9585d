-- depends_on: {{ ref("int_enrolment_versions") }}
{{ config(materialized="kept_rows", in_parts_of="intermediate.int_enrolment_versions") }}

with

-- Not materialized: each of its readers then skips the parquet that cannot matter to it.
activity_days as not materialized (
    select * from {{ ref("activity_days") }}
    where {{ is_in_this_part() }}
),

-- One lean aggregation over every version, late or not; what a correction replaced is taken off again below.
told as (
    select
        enrolment_id,
        {{ visible_week("activity_date") }} as week_happened,
        {{ visible_week("cast(known_at as date)") }} as week_known,
        count(*) filter (where action_count > 0) as active_days_count,
        sum(action_count) as action_count,
    from activity_days
    where {{ is_newly_known() }}
    group by all
),

replaced as (
    {{ superseded_versions("activity_days", ["enrolment_id", "activity_date"]) }}
),

withdrawn as (
    select
        enrolment_id,
        {{ visible_week("activity_date") }} as week_happened,
        {{ visible_week("cast(replaced_at as date)") }} as week_known,
        -count(*) filter (where action_count > 0) as active_days_count,
        -sum(action_count) as action_count,
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
        cast(active_days_count as smallint) as active_days_count,
        cast(action_count as integer) as action_count,
    from changes
)

select * from final
