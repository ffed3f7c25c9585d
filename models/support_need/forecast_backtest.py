"""Did past forecasts hold? Each past Monday forecasts with what was known then, and the rate that came judges it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from support_need.evaluate import labelled_cases
from support_need.forecast import INTERVAL_SHARE, SCHOOL, forecast
from support_need.intervals import exact_interval, mean_interval
from support_need.journeys import Question, journeys
from support_need.pipeline import fit

#: One forecast is judged every quarter of a year: in between they say nearly the same.
WEEKS_APART = 13


def backtest_forecast(
    rows: pd.DataFrame, targets: pd.DataFrame, *, candidate: str, question: Question
) -> pd.DataFrame:
    """Forecasts of past Mondays beside what came of them.

    Parameters
    ----------
    rows : pandas.DataFrame
        As ``pipeline.prepare`` gives them.
    targets : pandas.DataFrame
        Rows of ``fct_enrolment_target``.
    candidate : str
        Which of ``spec.CANDIDATES`` gives the probability of completing; fitted anew on what each Monday knew.
    question : Question
        The definition, and the Monday that knows the outcomes.

    Returns
    -------
    pandas.DataFrame
        One row per past Monday and scope whose rate is final today: the forecast, ``final_share`` and
        ``is_inside`` the interval. Empty where nothing could be forecast.
    """
    today = journeys(rows, targets, question=question)
    cases, calendar = labelled_cases(rows, targets, target="completes")
    mondays = pd.date_range(end=pd.Timestamp(question.as_of), start=rows["as_of_date"].min(), freq="W-MON")
    parts = []
    for monday in mondays[::-1][WEEKS_APART::WEEKS_APART]:
        mature = calendar.index[calendar["mature_at"] < monday]
        learned = cases[cases["cohort_id"].isin(mature) & (cases["known_at"] < monday)]
        if learned["enrolment_id"].nunique() < question.min_mature_enrolments:
            break
        then = replace(question, as_of=monday.date())
        said = forecast(
            rows, targets, completes=fit(candidate, learned), question=then, model_version="backtest"
        )
        if len(said):
            running = journeys(rows[rows["as_of_date"] <= monday], targets, question=then)
            parts.append(_judged(said, running, today))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["scope_kind"])


def _judged(said: pd.DataFrame, then: pd.DataFrame, today: pd.DataFrame) -> pd.DataFrame:
    open_then = today.loc[then.index[~then["is_settled"]]]
    finals = {}
    for kind, group in (("cohort", "cohort_id"), ("campus", "campus"), (SCHOOL, None)):
        for scope, inside in open_then.groupby(group) if group else [(SCHOOL, open_then)]:
            completers = inside[inside["is_completed"]]
            if inside["is_settled"].all() and len(completers):
                finals[kind, str(scope)] = float(completers["placed_day"].notna().mean())
    final = [finals.get(key) for key in zip(said["scope_kind"], said["scope_id"], strict=True)]
    judged = said.assign(final_share=pd.array(final, dtype="Float64")).dropna(subset="final_share")
    final_share = judged["final_share"].astype(float)
    is_inside = final_share.between(judged["low_share"] - 1e-9, judged["high_share"] + 1e-9)
    return judged.assign(final_share=final_share, is_inside=is_inside)


def coverage(judged: pd.DataFrame, *, target_share: float) -> list[dict[str, Any]]:
    """How often the interval held and how far the expected share was off, by kind of scope.

    Returns
    -------
    list of dict
        ``scope_kind, forecasts_count, independent_count, years_count, claimed_share, inside_share``, mean error and
        mean absolute error of the expected share, mean width, and the Brier score of the chance beside that of the
        rate itself; the 95 % ``intervals`` of all of them. Forecasts of one class are not independent: for the exact
        interval of the share inside, a class counts once, a campus and the school once a year. What befalls a year
        befalls all its classes: the other intervals are by year, None where there is one.
    """
    return [_figures(str(kind), part, target_share) for kind, part in judged.groupby("scope_kind")]


def _figures(kind: str, part: pd.DataFrame, target_share: float) -> dict[str, Any]:
    year = pd.to_datetime(part["as_of_date"]).dt.strftime("%Y")
    once = (part["scope_id"] if kind == "cohort" else part["scope_id"] + year).nunique()
    held = (part["final_share"] >= target_share - 1e-9).astype(float)
    error = part["expected_share"] - part["final_share"]
    means = {
        "mean_error": error,
        "mean_absolute_error": error.abs(),
        "mean_width": part["high_share"] - part["low_share"],
        "brier_of_chance": (part["chance_target_holds"] - held) ** 2,
        "brier_of_rate": (held.mean() - held) ** 2,
    }
    inside = float(part["is_inside"].mean())
    by_year = {name: _by_year(values.to_numpy(), year.to_numpy()) for name, values in means.items()}
    return {
        "scope_kind": kind,
        "forecasts_count": len(part),
        "independent_count": int(once),
        "years_count": int(year.nunique()),
        "claimed_share": INTERVAL_SHARE,
        "inside_share": inside,
        **{name: float(values.mean()) for name, values in means.items()},
        "intervals": {"inside_share": list(exact_interval(inside * once, once)), **by_year},
    }


def _by_year(values: np.ndarray, year: np.ndarray) -> list[float] | None:
    """Interval of a mean by year; what is never below nought has none below it."""
    found = mean_interval(values, year)
    return [max(found[0], 0.0), found[1]] if found and values.min() >= 0 else found
