"""Judge candidates on cohorts later than those they learned from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from support_need.candidates import FIT, Fit
from support_need.capacity import PLACES
from support_need.maturing import with_clock
from support_need.pipeline import label
from support_need.resample import drawn_figures, interval, recalibrations
from support_need.spec import STAGE_STARTS
from support_need.splits import Split, judged_cases, rolling_origins, stage_of, training_cases
from support_need.targets import COMPLETES, PLACED, cohort_calendar, known_labels

Figures = dict[str, float | int | None]
LISTED_SHARE = 0.20
_BINS = 10
_JUDGED = ["enrolment_id", "cohort_id", "is_bad", "known_at", PLACES]


def judge(cases: pd.DataFrame, splits: Iterable[Split], *, fits: Mapping[str, Fit] = FIT) -> pd.DataFrame:
    """Predictions of every candidate on the test cohorts of every split.

    Returns
    -------
    pandas.DataFrame
        One row per judged ``enrolment_id`` and day: ``cohort_id``, ``day``, ``learned_at`` (the Monday it is judged as
        of), ``is_bad``, ``known_at``, ``places``, one probability per candidate.
    """
    parts = [_judge_one(cases, split, fits) for split in splits]
    return (
        pd.concat([part for part in parts if len(part)], ignore_index=True)
        if any(map(len, parts))
        else _nobody(fits)
    )


def _nobody(names: Iterable[str]) -> pd.DataFrame:
    return pd.DataFrame(columns=[*_JUDGED, "day", "learned_at", *names])


def _judge_one(cases: pd.DataFrame, split: Split, fits: Mapping[str, Fit]) -> pd.DataFrame:
    stage = int(stage_of(split.day // 7, STAGE_STARTS))
    learned, judged = training_cases(cases, split, stage=stage), judged_cases(cases, split)
    if learned["is_bad"].nunique() < 2:
        return _nobody(fits)
    predictions = {name: fit(learned).probability(judged) for name, fit in fits.items()}
    kept = judged[_JUDGED].astype({"enrolment_id": str, "cohort_id": str})
    return kept.assign(day=split.day, learned_at=split.learned_at, **predictions)


def figures(day: int, is_bad: np.ndarray, probability: np.ndarray) -> Figures:
    """How good probabilities are, on one day of training.

    Ties at the edge of the list count by their share, as if drawn by lot. ``ece`` is the mean distance
    between predicted and observed rate over ten bins of equal size; the calibration's intercept is that in
    the large (slope one), its slope that of the outcome's logit on the predicted one.

    Returns
    -------
    dict
        ``day, n_test, base_rate, auc, ap, brier, log_loss, ece, calibration_intercept, calibration_slope,
        precision_at_20pct, recall_at_20pct``; None where there is nobody, or only one outcome, or no slope
        because all predictions are equal.
    """
    row: Figures = {
        "day": day,
        "n_test": len(is_bad),
        "base_rate": float(is_bad.mean()) if len(is_bad) else None,
    }
    names = (
        "auc",
        "ap",
        "brier",
        "log_loss",
        "ece",
        "calibration_intercept",
        "calibration_slope",
        "precision_at_20pct",
        "recall_at_20pct",
    )
    if len(np.unique(is_bad)) < 2:
        return row | dict.fromkeys(names)
    caught, listed = _listed(is_bad, probability)
    once = np.ones((1, len(is_bad)))
    values = (
        roc_auc_score(is_bad, probability),
        average_precision_score(is_bad, probability),
        brier_score_loss(is_bad, probability),
        log_loss(is_bad, probability),
        calibration_error(is_bad, probability),
        recalibrations(is_bad, probability, once, with_slope=False)[0][0],
        recalibrations(is_bad, probability, once, with_slope=True)[1][0],
        caught / listed,
        caught / is_bad.sum(),
    )
    known = {name: float(value) for name, value in zip(names, values, strict=True)}
    return row | {name: None if np.isnan(value) else value for name, value in known.items()}


def _listed(is_bad: np.ndarray, probability: np.ndarray) -> tuple[float, int]:
    listed = max(1, int(np.ceil(LISTED_SHARE * len(is_bad))))
    edge = np.sort(probability)[-listed]
    above, tied = probability > edge, probability == edge
    return float(is_bad[above].sum() + (listed - above.sum()) * is_bad[tied].mean()), listed


def calibration_error(is_bad: np.ndarray, probability: np.ndarray) -> float:
    """Mean distance between predicted and observed rate over ten bins of equal size."""
    bins = np.array_split(np.argsort(probability, kind="stable"), _BINS)
    distances = [
        abs(is_bad[bin_].mean() - probability[bin_].mean()) * len(bin_) for bin_ in bins if len(bin_)
    ]
    return float(np.sum(distances) / len(is_bad))


def figures_by_day(predictions: pd.DataFrame, candidate: str, days: Iterable[int]) -> list[Figures]:
    """Rows of ``figures`` for one candidate, one per day."""
    rows = []
    for day in days:
        chosen = predictions[predictions["day"] == day]
        rows.append(
            figures(day, chosen["is_bad"].to_numpy(dtype=float), chosen[candidate].to_numpy(dtype=float))
        )
    return rows


def splits_of(
    calendar: pd.DataFrame,
    *,
    days: Iterable[int],
    known_before: Callable[[int], dt.date | pd.Timestamp],
    **chosen: Any,
) -> list[Split]:
    """Rolling origins of every day; ``known_before`` tells the Monday from which on nothing is known, by day."""
    return [
        split
        for day in days
        for split in rolling_origins(calendar, day=day, known_before=known_before(day), **chosen)
    ]


def with_intervals(
    predictions: pd.DataFrame, candidate: str, days: Iterable[int], *, calibrated: bool = True
) -> list[dict[str, Any]]:
    """Rows of ``figures_by_day``, each with the 95 % ``intervals`` of its figures by drawing cohorts.

    Without ``calibrated`` those of the calibration's intercept and slope are left out: four fifths of the work.
    """
    rows: list[dict[str, Any]] = []
    for row in figures_by_day(predictions, candidate, days):
        draws = _draws(predictions, candidate, row["day"], calibrated=calibrated)
        rows.append(row | {"intervals": {name: interval(values) for name, values in draws.items()}})
    return rows


def _draws(
    predictions: pd.DataFrame, candidate: str, day: float | None, *, calibrated: bool
) -> dict[str, np.ndarray]:
    chosen = predictions[predictions["day"] == day]
    if not len(chosen):
        return {}
    return drawn_figures(
        chosen["cohort_id"],
        chosen["is_bad"].to_numpy(dtype=float),
        chosen[candidate].to_numpy(dtype=float),
        listed_share=LISTED_SHARE,
        calibrated=calibrated,
    )


def paired_differences(
    predictions: pd.DataFrame, name: str, other: str, days: Iterable[int]
) -> list[dict[str, Any]]:
    """Figures of one candidate less those of another, on the same draws of cohorts.

    Returns
    -------
    list of dict
        One row per day: ``day``, and per figure ``[difference, low, high]``, or None where nobody is judged.
    """
    rows = []
    figures_of = {each: figures_by_day(predictions, each, days) for each in (name, other)}
    for ours, theirs in zip(figures_of[name], figures_of[other], strict=True):
        draws, others = (_draws(predictions, each, ours["day"], calibrated=False) for each in (name, other))
        row: dict[str, Any] = {"day": ours["day"]}
        for figure, values in draws.items():
            mine, its = ours[figure], theirs[figure]
            edges = interval(values - others[figure])
            row[figure] = None if mine is None or its is None or edges is None else [mine - its, *edges]
        rows.append(row)
    return rows


def labelled_cases(
    rows: pd.DataFrame, targets: pd.DataFrame, *, target: str, horizon_days: int | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give prepared rows their outcome, and their cohorts a calendar.

    With a horizon, a cohort teaches of ``placed`` from the day on which it is known who of it has left, and rows
    without an outcome yet stay if their learner's months count.
    """
    labels = known_labels(targets, target)
    calendar = cohort_calendar(rows, labels)
    if target != PLACED or horizon_days is None:
        return label(rows, labels), calendar
    left = cohort_calendar(rows, known_labels(targets, COMPLETES))
    settles_at = pd.to_datetime(rows["cohort_id"].map(calendar["mature_at"]).astype("datetime64[ns]"))
    clocked = with_clock(rows.assign(settles_at=settles_at), targets, horizon_days=horizon_days)
    return (
        label(clocked, labels),
        calendar.assign(learnable_at=left["mature_at"]),
    )
