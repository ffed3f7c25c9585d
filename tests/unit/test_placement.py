"""Placement: the statistics agree with independent libraries, and a correction changes no Monday that is past."""

from __future__ import annotations

import re
from typing import Any

import duckdb
import jinja2
import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from statsmodels.stats.proportion import proportion_confint

from passerelle.demo_school import simulate
from passerelle.demo_school.careers import HALF_YEAR, chance_of_work
from passerelle.demo_school.config import load_config
from passerelle.settings import PROJECT_DIR

PLACEMENT = PROJECT_DIR / "dbt" / "macros" / "placement.sql"


def _macros() -> Any:
    """The macros of placement, rendered as dbt renders them."""
    text = re.sub(r"\{\{ return\((.*?)\) \}\}", "", PLACEMENT.read_text(), flags=re.DOTALL)
    return jinja2.Environment().from_string(text).module


def _curve(waited: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    with duckdb.connect() as connection:
        connection.register("waited", waited)
        sql = _macros().kaplan_meier("waited", keys)
        return connection.sql(f"select * from ({sql}) order by all").df()


def _wilson(placed: int, count: int) -> tuple[float, float]:
    sides = [f"{_macros().wilson(str(placed), str(count), side)}" for side in ("low", "high")]
    (row,) = duckdb.sql(f"select {sides[0]}, {sides[1]}").fetchall()
    return float(row[0]), float(row[1])


@pytest.mark.parametrize(("placed", "count"), [(0, 7), (1, 1), (12, 20), (16, 20), (20, 20), (160, 200)])
def test_wilson_s_interval_is_the_one_of_statsmodels(placed: int, count: int):
    expected = proportion_confint(placed, count, method="wilson")
    assert _wilson(placed, count) == pytest.approx(expected, abs=1e-9)


def test_wilson_s_interval_lies_between_nought_and_one_and_nobody_has_none():
    low, high = (_macros().wilson("placed", "people", side) for side in ("low", "high"))
    groups = "select placed, people from range(41) t (people), range(41) u (placed) where placed <= people"
    limits = duckdb.sql(f"select people, {low} as low, {high} as high from ({groups})").df()
    told = limits[limits["people"] > 0]
    assert (told["low"].min(), told["high"].max()) == (0, 1)
    assert limits.loc[limits["people"] == 0, ["low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize("seed", range(5))
def test_the_kaplan_meier_curve_and_its_interval_are_those_of_lifelines(seed: int):
    random = np.random.default_rng(seed)
    days = random.integers(0, 181, size=60)
    waited = pd.DataFrame({"cohort_id": "C", "waited_days": days, "is_event": random.random(60) < 0.6})
    waited = pd.concat([waited, waited.assign(cohort_id="other", is_event=True)], ignore_index=True)
    curve = _curve(waited, ["cohort_id"])
    for cohort_id, rows in waited.groupby("cohort_id"):
        ours = curve[curve["cohort_id"] == cohort_id].set_index("waited_days")
        theirs = KaplanMeierFitter().fit(rows["waited_days"], rows["is_event"])
        at = [float(day) for day in ours.index]
        limits = theirs.confidence_interval_survival_function_.loc[at].to_numpy()
        assert len(at) > 20
        np.testing.assert_allclose(ours["placed_share"], 1 - theirs.predict(at), atol=1e-9)
        np.testing.assert_allclose(ours["at_risk_count"], theirs.event_table.loc[at, "at_risk"])
        inner = (ours["placed_share"] < 1).to_numpy()
        np.testing.assert_allclose(ours["placed_share_low"][inner], 1 - limits[inner, 1], atol=1e-9)
        np.testing.assert_allclose(ours["placed_share_high"][inner], 1 - limits[inner, 0], atol=1e-9)


@pytest.mark.parametrize("days", [60, HALF_YEAR])
def test_over_200_simulated_cohorts_the_provisional_interval_holds_the_true_rate_as_often_as_it_claims(
    days: int,
):
    world = simulate(load_config("ai_school"), learners=5200)
    enrolments, random = world.enrolments, np.random.default_rng(7)
    done = np.flatnonzero(enrolments.is_completed)
    waited = world.careers.start[done, 0] - enrolments.left[done]
    # A third of each cohort left later than the others, and is followed for less long.
    followed = np.where(random.random(len(done)) < 1 / 3, random.integers(10, days, size=len(done)), days)
    rows = pd.DataFrame(
        {
            "cohort_id": enrolments.cohort[done],
            "waited_days": np.minimum(waited, followed),
            "is_event": waited <= followed,
            "chance": chance_of_work(
                enrolments.traits.placement[done], completed=True, play=world.play, days=days
            ),
        }
    )
    curve = _curve(rows[["cohort_id", "waited_days", "is_event"]], ["cohort_id"])
    last = curve.sort_values("waited_days").groupby("cohort_id").last()
    true_rate = rows.groupby("cohort_id")["chance"].mean().loc[last.index]
    holds = ((last["placed_share_low"] <= true_rate) & (true_rate <= last["placed_share_high"])).mean()
    assert len(last) >= 200
    assert 0.92 <= holds <= 0.99
    assert abs((last["placed_share"] - true_rate).mean()) < 0.02
