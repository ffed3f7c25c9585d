"""What the week's summary says of a model that waits, and of what the watch found."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from passerelle.summary import _show_forecast, _show_model, _show_watched

MODEL: dict[str, Any] = {
    "in_force": "2026-11-02-aaaaaaaa",
    "basis": "model",
    "why": "",
    "waits_for": None,
    "violations": [],
    "out_of_time": {},
    "chosen": {},
}


def printed(show: Any, told: dict[str, Any]) -> str:
    screen = io.StringIO()
    show(told, Console(file=screen, width=200))
    return screen.getvalue()


def test_a_model_that_waits_is_told_with_both_ways_to_answer() -> None:
    waits = "passerelle promote 2026-11-23-bbbbbbbb --by NAME --reason WHY"
    told = printed(_show_model, MODEL | {"waits_for": waits})
    assert "in force: 2026-11-02-aaaaaaaa" in told
    assert f"{waits}   (or --reject)" in told
    assert "`make up`): Required Actions, outlook_training, approve" in told


def test_nothing_is_said_of_waiting_where_nothing_waits() -> None:
    assert "waits" not in printed(_show_model, MODEL)


def test_alarms_of_the_watch_are_told_one_by_one_and_so_is_how_slow_it_is() -> None:
    watched = {"checks": 31, "alarms": ["absence_recent: 40% missing"], "matured": 120}
    told = printed(_show_watched, watched | {"detects_after_count": 160})
    assert "31 checks, 1 alarms; 120 outcomes of what was said" in told
    assert "a shift of ten points shows after about 160 outcomes" in told
    assert "! absence_recent: 40% missing" in told
    assert "too few to see a shift yet" in printed(_show_watched, watched | {"detects_after_count": None})


def test_the_forecast_says_how_likely_the_aim_is_and_how_much_the_listed_matter() -> None:
    school = {"expected_share": 0.76, "low_share": 0.7, "high_share": 0.82, "heads_missing": 5}
    matter = {"chance_target_holds": 0.31, "listed_count": 47, "chance_if_listed_placed": 0.97}
    told = printed(_show_forecast, school | matter)
    assert "76% of completers placed in running cohorts (70% to 82% in 8 futures of 10)" in told
    assert "in 31% of them, 5 heads missing; in 97% if all 47 listed learners found work" in told
