"""What the week's summary says of a model that waits, and of what the watch found."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from passerelle.summary import FIGURES, _show_forecast, _show_model, _show_watched, candidates_table

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


def test_figures_of_the_chosen_candidate_stand_with_the_ends_of_their_intervals() -> None:
    row = {"day": 28} | dict.fromkeys(FIGURES, 0.5) | {"n_test": 406, "auc": 0.707}
    row |= {"intervals": {"auc": [0.643, 0.782], "ap": None}}
    nobody = {"day": 56} | dict.fromkeys(FIGURES) | {"n_test": 0, "intervals": {}}
    table = candidates_table("completes", {"plain_rule": [row], "logistic": [row, nobody]}, chosen="logistic")
    told = printed(lambda each, console: console.print(each), table)
    assert [line.split() for line in told.splitlines() if "0.643" in line] == [["95", "%", "from", "0.643"]]
    assert [line.split() for line in told.splitlines() if "0.782" in line] == [["to", "0.782"]]
