"""How steady a list is: of those named last week and still there, the share that is named again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from support_need.capacity import PLACES, on_list
from support_need.pipeline import FittedTarget, fit
from support_need.resample import drawn_sums, interval
from support_need.splits import Split, known_cases

_MINE = ["enrolment_id", "cohort_id", "week_of_training", PLACES]


def week_to_week(cases: pd.DataFrame, splits: Iterable[Split], candidate: str) -> list[dict[str, Any]]:
    """Share of last week's list that is on this week's, one row per day judged.

    Both lists come from the model learned by the later Monday, and are as long as the coaches have hours for.

    Returns
    -------
    list of dict
        ``day``, ``kept_share``, its ``interval`` by drawing cohorts, and ``by_lot``: what lists by lot would keep.
    """
    parts: dict[int, list[pd.DataFrame]] = {}
    for split in splits:
        week = split.day // 7
        here = cases["cohort_id"].isin(split.test_cohorts) & cases["week_of_training"].isin([week - 1, week])
        stages = set(cases.loc[here, "stage"].tolist())
        learned = known_cases(cases, split)
        fitted = fit(candidate, learned[learned["stage"].isin(stages)])
        if fitted.stages:
            parts.setdefault(split.day, []).append(_both_weeks(cases[here], fitted, week))
    return [row for day, found in sorted(parts.items()) if (row := _row(day, pd.concat(found)))]


def _both_weeks(rows: pd.DataFrame, fitted: FittedTarget, week: int) -> pd.DataFrame:
    judged = rows[_MINE].assign(day=rows["week_of_training"] * 7)
    listed = judged.assign(listed=on_list(judged, fitted.probability(rows)))
    before, now = (listed[listed["week_of_training"] == one] for one in (week - 1, week))
    return before.merge(now, on="enrolment_id", suffixes=("_before", ""))


def _row(day: int, pairs: pd.DataFrame) -> dict[str, Any] | None:
    before, now = (pairs[name].to_numpy(dtype=float) for name in ("listed_before", "listed"))
    if not before.sum():
        return None
    kept = np.minimum(before, now)
    drawn, drawn_before = drawn_sums(pairs["cohort_id"], kept, before)
    share = {"kept_share": float(kept.sum() / before.sum()), "interval": interval(drawn / drawn_before)}
    return {"day": day} | share | {"by_lot": float(before @ pairs[PLACES].to_numpy() / before.sum())}
