"""Move the level of what ships by how far it was off lately: kept only where that would have helped out of time.

A model that was right about who, and wrong about how many, needs one number: the distance of its logits from what came
(Cox 1958, slope one). It is measured on what was said of the latest half-years whose outcomes are known by a model that
had not learned from them, two of them, because a start in spring ends otherwise than one in autumn. No slope: one more
number would be fitted on a few classes, and moving the level leaves every contribution as it is.

Worked example: the classes of 2024 were given 20 % and 30 % left. The logits are .54 too low, so the classes of 2025,
given 25 %, would have been given 36 %. If 35 % of them left, that was worth it, and what is said of 2026 moves too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from support_need.resample import drawn_sums, interval, recalibrations

#: Half-years of classes that the level is taken from: one of each season.
LATEST_HALF_YEARS = 2
#: With fewer classes all of them may gain by luck more often than once in forty.
FEWEST_COHORTS = 6


def recalibration(judged: pd.DataFrame, calendar: pd.DataFrame, candidate: str) -> dict[str, Any]:
    """Tell what moving the level would have been worth on later cohorts, each moved by what was known before.

    Parameters
    ----------
    judged : pandas.DataFrame
        As ``evaluate.judge`` gives it.
    calendar : pandas.DataFrame
        As ``targets.cohort_calendar`` gives it.
    candidate : str
        What ships.

    Returns
    -------
    dict
        ``n_test`` and ``cohorts_count`` of those with an earlier half-year to go by; ``log_loss_gain`` and its
        ``interval`` by drawing cohorts in pairs; calibration in the large ``intercept_before`` and ``intercept_after``;
        ``is_kept``: the whole interval is above nought, on ``FEWEST_COHORTS`` or more.
    """
    moved = _moved(judged, calendar, candidate)
    there = ~np.isnan(moved)
    rows, after = judged[there], moved[there]
    before, is_bad = rows[candidate].to_numpy(dtype=float), rows["is_bad"].to_numpy(dtype=float)
    found = {"n_test": len(rows), "cohorts_count": int(rows["cohort_id"].nunique()), "is_kept": False}
    if not len(rows):
        return found | dict.fromkeys(("log_loss_gain", "interval", "intercept_before", "intercept_after"))
    gain = _log_loss(is_bad, before) - _log_loss(is_bad, after)
    gained, number = drawn_sums(rows["cohort_id"], gain, np.ones(len(gain)))
    edges = interval(gained / number) or [-np.inf, np.inf]
    return found | {
        "log_loss_gain": float(gain.mean()),
        "interval": edges,
        "intercept_before": _level(is_bad, before),
        "intercept_after": _level(is_bad, after),
        "is_kept": bool(edges[0] > 0 and found["cohorts_count"] >= FEWEST_COHORTS),
    }


def recalibrated(judged: pd.DataFrame, calendar: pd.DataFrame, candidate: str) -> pd.DataFrame:
    """Move what was said of later cohorts, where an earlier half-year says by how much."""
    moved = _moved(judged, calendar, candidate)
    return judged.assign(**{candidate: np.where(np.isnan(moved), judged[candidate], moved)})


def shift(
    judged: pd.DataFrame, calendar: pd.DataFrame, candidate: str, *, before: pd.Timestamp
) -> float | None:
    """How far the logits were off in the latest half-years known before a Monday; None where that tells nothing."""
    is_known = (judged["cohort_id"].map(calendar["mature_at"]) < before) & (judged["known_at"] < before)
    known = judged[is_known]
    started = known["learned_at"] - pd.to_timedelta(known["day"].astype(int), unit="D")
    latest = known[started.isin(np.sort(started.unique())[-LATEST_HALF_YEARS:])]
    level = _level(latest["is_bad"].to_numpy(dtype=float), latest[candidate].to_numpy(dtype=float))
    return None if np.isnan(level) else level


def _moved(judged: pd.DataFrame, calendar: pd.DataFrame, candidate: str) -> np.ndarray:
    """Probabilities after the move; NaN where no earlier half-year was known."""
    said = np.clip(judged[candidate].to_numpy(dtype=float), 1e-9, 1 - 1e-9)
    moved = np.full(len(judged), np.nan)
    for learned_at in judged["learned_at"].unique():
        off = shift(judged, calendar, candidate, before=learned_at)
        if off is not None:
            here = (judged["learned_at"] == learned_at).to_numpy()
            moved[here] = expit(logit(said[here]) + off)
    return moved


def _level(is_bad: np.ndarray, probability: np.ndarray) -> float:
    """Calibration in the large; NaN for nobody, and where there is one outcome only."""
    if len(np.unique(is_bad)) < 2:
        return float("nan")
    return float(recalibrations(is_bad, probability, np.ones((1, len(is_bad))), with_slope=False)[0][0])


def _log_loss(is_bad: np.ndarray, probability: np.ndarray) -> np.ndarray:
    clipped = np.clip(probability, 1e-15, 1 - 1e-15)
    return -np.log(np.where(is_bad == 1, clipped, 1 - clipped))
