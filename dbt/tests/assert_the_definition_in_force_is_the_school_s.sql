-- What: the definition that school.toml puts in force exists, with the horizon and lag that it names.
-- When it matters: the report's words about the horizon and the marts' figures would tell of two promises.
-- How to resolve: put [outcome] in school.toml and the row of the seed outcome_definitions in line.
select
    count(*) filter (
        where is_in_force
        and window_unit = 'day'
        and window_count = {{ var("horizon_days") }}
        and reporting_lag_days = {{ var("reporting_lag_days") }}
    ) as found_count,
from {{ ref("dim_outcome_definition") }}
having found_count = 0 and {{ feeding_systems("outcome_events") | length }} > 0
