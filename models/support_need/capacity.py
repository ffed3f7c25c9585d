"""Whom the coaches have hours for: lists as long as they really are, and what a longer one would buy.

Worked example: a coach follows 12 learners on a Monday, 8 of one cohort and 4 of another, and has hours for 6. Each
learner brings half a place, so the first cohort has 4 places on that list. If the fourth and fifth of it have the same
probability, each is on the list by half, as if drawn by lot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import md5
from typing import Any

import numpy as np
import pandas as pd

from support_need.resample import drawn_sums, interval

PLACES = "places"
#: Lists of half, once, ... the hours that there are: what one more hour of coaching would buy.
TIMES = (0.5, 1.0, 1.5, 2.0)
#: Probabilities above which a coach might call: one useless conversation is worth 1 in 9, 1 in 4, 3 in 7, 1 in 1.
THRESHOLDS = (0.10, 0.20, 0.30, 0.50)


def places(rows: pd.DataFrame, *, owner: pd.Series | None, capacity: int) -> np.ndarray:
    """Share of a place on the weekly list that each learner brings: the hours of the coach over the caseload.

    Parameters
    ----------
    rows : pandas.DataFrame
        As ``pipeline.prepare`` gives them: everybody who is there on each Monday.
    owner : pandas.Series, optional
        Index enrolment_id: whose list it is; a cohort without a coach is a list of its own.
    capacity : int
        Names a coach has hours for each week.
    """
    cohort = rows["cohort_id"].astype(str)
    named = rows["enrolment_id"].astype(str).map(owner) if owner is not None else cohort
    named = named.astype("object").where(named.notna(), cohort)
    caseload = rows.groupby([named.to_numpy(), rows["as_of_date"]])["enrolment_id"].transform("size")
    return np.minimum(1.0, capacity / caseload.to_numpy(dtype=float))


def on_list(judged: pd.DataFrame, probability: np.ndarray, *, times: float = 1.0) -> np.ndarray:
    """How much of each judged row is on the list of its cohort on its day, 0 to 1; ties share the edge.

    Parameters
    ----------
    judged : pandas.DataFrame
        ``cohort_id``, ``day`` and ``places``.
    probability : numpy.ndarray
        Per row.
    times : float, default 1.0
        The same coaches with so many times the hours.
    """
    codes = judged.groupby(["cohort_id", "day"], observed=True).ngroup().to_numpy()
    said = pd.Series(probability)
    room = np.minimum(times * judged[PLACES].to_numpy(dtype=float), 1.0)
    room = pd.Series(room).groupby(codes).transform("sum").to_numpy()
    last = said.groupby(codes).rank(ascending=False, method="max").to_numpy()
    first = said.groupby(codes).rank(ascending=False, method="min").to_numpy()
    return np.clip((room - (first - 1)) / (last - first + 1), 0.0, 1.0)


def lots(enrolment_id: pd.Series) -> np.ndarray:
    """The lot of each enrolment, in the order in which ``fct_list_order`` draws equals too: that of their md5.

    An identifier's own order would name the same people on every list of equals, and numbers tell who came when.
    """
    digests = (md5(one.encode(), usedforsecurity=False).digest() for one in enrolment_id.astype(str))
    return np.array([int.from_bytes(one[:8], "big") for one in digests], dtype=np.uint64)


def place_on_list(probability: np.ndarray, *, of_list: np.ndarray, lot: np.ndarray) -> np.ndarray:
    """Place of each row on its list, the highest first, equals by lot."""
    order = np.lexsort((lot, -probability))
    place = np.empty(len(order), dtype=int)
    place[order] = pd.Series(of_list[order]).groupby(of_list[order]).cumcount().to_numpy() + 1
    return place


def at_capacity(
    judged: pd.DataFrame, candidate: str, days: Iterable[int], *, times: float = 1.0
) -> list[dict]:
    """Precision and recall of lists as long as the coaches have hours for, one row per day, with intervals.

    Returns
    -------
    list of dict
        ``day``, ``times``, ``listed_share``, ``precision``, ``recall``, and ``intervals`` of the last two by drawing
        cohorts.
    """
    rows = []
    for day in days:
        chosen = judged[judged["day"] == day]
        if chosen["is_bad"].nunique() != 2:
            continue
        listed = on_list(chosen, chosen[candidate].to_numpy(dtype=float), times=times)
        bad = chosen["is_bad"].to_numpy(dtype=float)
        counts = (listed * bad, listed, bad)
        draws = _precision_and_recall(*drawn_sums(chosen["cohort_id"], *counts))
        once = _precision_and_recall(*map(np.sum, counts))
        rows.append(
            {"day": day, "times": times, "listed_share": float(listed.mean())}
            | {name: float(value) for name, value in once.items()}
            | {"intervals": {name: interval(values) for name, values in draws.items()}}
        )
    return rows


def _precision_and_recall(caught: np.ndarray, listed: np.ndarray, bad: np.ndarray) -> dict[str, np.ndarray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        return {"precision": caught / listed, "recall": caught / bad}


def precisions(judged: pd.DataFrame, candidates: Iterable[str]) -> dict[str, float]:
    """Candidate to the precision of its lists over all days judged."""
    bad = judged["is_bad"].to_numpy(dtype=float)
    lists = {name: on_list(judged, judged[name].to_numpy(dtype=float)) for name in candidates}
    return {name: float(listed @ bad / listed.sum()) for name, listed in lists.items()}


def capacity_curve(judged: pd.DataFrame, candidate: str, days: Iterable[int]) -> list[dict]:
    """What the same coaches would catch with fewer or more hours: rows of ``at_capacity`` for each of ``TIMES``."""
    days = tuple(days)
    return [row for times in TIMES for row in at_capacity(judged, candidate, days, times=times)]


def net_benefits(
    judged: pd.DataFrame, candidates: Iterable[str], days: Iterable[int]
) -> list[dict[str, Any]]:
    """Decision curve (Vickers and Elkin 2006): what calling those above a threshold is worth.

    Net benefit = (rightly called - wrongly called x odds of the threshold) / everybody: the unit is one learner rightly
    called among all. Calling nobody is worth 0.

    Returns
    -------
    list of dict
        One row per day, threshold and candidate, and one for calling everybody: ``net_benefit`` and its ``interval``
        by drawing cohorts.
    """
    rows = []
    for day in days:
        chosen = judged[judged["day"] == day]
        if not len(chosen):
            continue
        bad = chosen["is_bad"].to_numpy(dtype=float)
        said: Mapping[str, np.ndarray] = {
            "everybody": np.ones(len(chosen)),
            **{name: chosen[name].to_numpy(dtype=float) for name in candidates},
        }
        for threshold in THRESHOLDS:
            for name, probability in said.items():
                worth = np.where(bad == 1, 1.0, -threshold / (1 - threshold)) * (probability >= threshold)
                worths, number = drawn_sums(chosen["cohort_id"], worth, np.ones(len(worth)))
                rows.append(
                    {"day": day, "threshold": threshold, "candidate": name}
                    | {"net_benefit": float(worth.mean()), "interval": interval(worths / number)}
                )
    return rows


def tables(
    judged: pd.DataFrame, shipped: str, candidates: Iterable[str], days: Iterable[int]
) -> dict[str, Any]:
    """Everything about lists of the coaches' length: each candidate's figures, and what ships in depth.

    Returns
    -------
    dict
        ``at_capacity`` (rows of every candidate), ``capacity_curve`` and ``net_benefit`` of what ships, the last beside
        the plain rule and everybody.
    """
    days, candidates = tuple(days), tuple(candidates)
    return {
        "at_capacity": [
            {"candidate": name} | row for name in candidates for row in at_capacity(judged, name, days)
        ],
        "capacity_curve": capacity_curve(judged, shipped, days),
        "net_benefit": net_benefits(judged, dict.fromkeys((shipped, candidates[0])), days),
    }
