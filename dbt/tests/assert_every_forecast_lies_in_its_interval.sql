-- What: an expected share, its interval and the chance of the target are shares, and the interval's ends are in order.
-- When it matters: a coach reads these as "between 6 and 8 of 10"; ends the wrong way round read as certainty.
-- To resolve: look at forecast.py; a scope in which nobody can complete any more has no share and must not be landed.
select
    scope_kind,
    scope_id,
    as_of_date,
from {{ ref("mart_cohort_forecast") }}
where
    low_share > high_share
    or least(low_share, expected_share, chance_target_holds) < 0
    or greatest(high_share, expected_share, chance_target_holds) > 1
    or expected_share is null
