"""Judge the support model on later cohorts, on the warehouse as of the Monday that knows their outcomes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from passerelle import steps
from passerelle.errors import ModelError
from passerelle.model_inputs import forecast_question, in_force_on, model_frames, past_list_owners
from passerelle.school import load_school
from passerelle.settings import Settings
from passerelle.summary import candidates_table
from passerelle.warehouse import Warehouse


def run_backtest(
    settings: Settings,
    *,
    as_of: dt.date | None,
    progress: steps.Progress,
    before_test: bool = False,
    without: Sequence[str] = (),
) -> dict[str, Any]:
    """Backtest every candidate; pull and build first where that Monday has no warehouse yet.

    Parameters
    ----------
    settings : Settings
        Of the school to judge.
    as_of : datetime.date, optional
        Monday that knows the outcomes; default: the school's ``[model.backtest] as_of``, else its current one.
    progress : callable
        Called with a text, the number done, and their total.
    before_test : bool, default False
        Judge on the cohorts before the test cohorts, which stay closed.
    without : sequence of str
        Features whose worth to the logistic model is asked for.

    Returns
    -------
    dict
        ``days``: one row of figures per day of training for the shipped model; ``candidates``: the same for each.

    Raises
    ------
    ModelError
        A name in ``without`` is no feature.
    """
    from support_need.backtest import backtest
    from support_need.features import FEATURE_NAMES

    if unknown := sorted(set(without) - set(FEATURE_NAMES)):
        raise ModelError(
            f"no feature {', '.join(unknown)}; allowed after --without: {', '.join(FEATURE_NAMES)}"
        )
    school = load_school(settings.school)
    monday = as_of or school.model.backtest.as_of or school.current_monday()
    ensure_built(settings, monday, progress=progress)
    panel, targets = model_frames(settings, monday)
    progress("backtest", 0, 0)
    return backtest(
        panel,
        targets,
        days=school.model.backtest.days,
        test_cohorts_started_from=school.model.backtest.test_cohorts_started_from,
        as_of=monday,
        capacity=school.coaching.capacity,
        owner=past_list_owners(settings, monday),
        target=school.model.ranked_by,
        horizon_days=school.outcome.horizon_days,
        min_mature_enrolments=school.model.min_mature_enrolments,
        before_test=before_test,
        without=without,
    )


def forecasts_made(settings: Settings, monday: dt.date) -> list[dict[Any, Any]]:
    """Forecast a scored Monday: one row per scope, empty where nothing can be forecast."""
    import pandas as pd

    made = steps.forecast(settings.school, monday)
    return pd.read_parquet(made["file"]).to_dict("records")


def run_forecast_backtest(settings: Settings, monday: dt.date) -> list[dict[str, Any]]:
    """Judge the forecasts that past Mondays would have given: how often their intervals held, by kind of scope."""
    from support_need.forecast_backtest import backtest_forecast, coverage
    from support_need.pipeline import prepare
    from support_need.spec import ENVIRONMENT

    panel, targets = model_frames(settings, monday)
    _, model = in_force_on(settings, monday)
    completes = model.by_target.get("completes")
    question = forecast_question(settings, monday)
    judged = backtest_forecast(
        prepare(panel),
        targets,
        candidate=completes.candidate if completes else ENVIRONMENT,
        question=question,
    )
    return coverage(judged, target_share=question.target_share)


def show_rows(rows: list[dict[str, Any]], *, console: Console) -> None:
    """Print rows of figures, one below the other."""
    if not rows:
        console.print("nothing to forecast: no system tells of placements, or too few cohorts have settled")
        return
    for row in rows:
        grid, intervals = Table.grid(padding=(0, 2)), row.get("intervals", {})
        for name, value in row.items():
            if name != "intervals":
                edges = intervals.get(name)
                between = "to".join(f" {edge:.3f} " for edge in edges).strip() if edges else ""
                grid.add_row(name, f"{value:.3f}" if isinstance(value, float) else str(value), between)
        console.print(grid, "", sep="\n")


def ensure_built(settings: Settings, monday: dt.date, *, progress: steps.Progress) -> None:
    """Pull, check and build as of a Monday, unless that Monday's warehouse stands."""
    if Warehouse(settings).stands(monday):
        return
    for step in (steps.pull, steps.gate_raw, steps.build, steps.gate_marts, steps.keep):
        step(settings.school, monday, progress=progress)


def show(result: dict[str, Any], *, console: Console) -> None:
    """Print the figures of the shipped model and of every candidate, one row per day."""
    rows = {"shipped": result["days"], **result["candidates"]}
    console.print(candidates_table("backtest", rows, chosen="shipped"))
