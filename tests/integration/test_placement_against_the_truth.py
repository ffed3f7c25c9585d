"""The demo school's placement marts against the truth that only the simulator knows."""

from __future__ import annotations

import duckdb

from demo_week import Week


def test_the_bounds_hold_the_true_rate_of_nearly_every_mature_cohort(demo_week: Week) -> None:
    state = demo_week.home
    truth = next(state.rglob("truth/spell.parquet"))
    with duckdb.connect(str(next(state.rglob("warehouse/passerelle.duckdb"))), read_only=True) as connection:
        cohorts, held = connection.execute(
            """
            with found as (
                select enrolment_no, min(start_date) as found_date from read_parquet(?)
                where kind <> 'subsidised'
                group by enrolment_no
            ),
            counted as (
                select
                    cohort_id,
                    count(*) filter (where outcome = 'placed') as placed_count,
                    count(*) filter (where outcome = 'unknown') as unknown_count,
                    count(*) filter (where found_date between left_date and window_end_date) as true_count,
                from intermediate.int_enrolment_outcome as outcomes
                left join found on outcomes.enrolment_id = found.enrolment_no
                where definition_id = 'school_promise' and outcome in ('placed', 'not_placed', 'unknown')
                group by cohort_id
            )
            select
                count(*),
                count(*) filter (where true_count between placed_count and placed_count + unknown_count),
            from counted
            """,
            [str(truth)],
        ).fetchone()
    assert cohorts >= 40
    assert held >= 0.9 * cohorts
