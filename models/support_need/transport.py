"""Whether a model travels: each campus judged by a model that never saw it, beside the one that did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from support_need.candidates import FIT
from support_need.resample import drawn_figures, interval
from support_need.spec import STAGE_STARTS
from support_need.splits import Split, judged_cases, stage_of, training_cases


def leave_one_campus_out(
    cases: pd.DataFrame, splits: Iterable[Split], candidate: str
) -> list[dict[str, Any]]:
    """Judge each campus on the first day judged, once without having learned from it.

    Returns
    -------
    list of dict
        One row per campus with both outcomes and another one to learn from: ``campus``, ``day``, ``n_test``,
        ``auc_elsewhere`` (learned from the other campuses alone, its ``interval`` by drawing cohorts), ``auc`` (learned
        from all) with ``auc_interval``, and ``difference``, less the latter, with ``difference_interval``. Both are
        judged on later cohorts.
    """
    splits = tuple(splits)
    day = min((split.day for split in splits), default=0)
    parts = [part for split in splits if split.day == day for part in _judge(cases, split, candidate)]
    if not parts:
        return []
    judged = pd.concat(parts, ignore_index=True)
    return [
        {"campus": str(campus), "day": day} | _compared(here)
        for campus, here in judged.groupby("campus", observed=True)
        if here["is_bad"].nunique() == 2
    ]


def _judge(cases: pd.DataFrame, split: Split, candidate: str) -> Iterator[pd.DataFrame]:
    learned = training_cases(cases, split, stage=int(stage_of(split.day // 7, STAGE_STARTS)))
    judged = judged_cases(cases, split)
    if learned["is_bad"].nunique() < 2:
        return
    judged = judged.assign(said=FIT[candidate](learned).probability(judged))
    for campus, here in judged.groupby("campus", observed=True):
        others = learned[learned["campus"] != campus]
        if others["is_bad"].nunique() == 2 and len(others) < len(learned):
            said = FIT[candidate](others).probability(here)
            yield here[["campus", "cohort_id", "is_bad", "said"]].assign(elsewhere=said)


def _compared(here: pd.DataFrame) -> dict[str, Any]:
    is_bad = here["is_bad"].to_numpy(dtype=float)
    said = {name: here[name].to_numpy(dtype=float) for name in ("elsewhere", "said")}
    auc = {name: float(roc_auc_score(is_bad, one)) for name, one in said.items()}
    drawn: dict[str, np.ndarray] = {
        name: drawn_figures(here["cohort_id"], is_bad, one, listed_share=0.2, calibrated=False)["auc"]
        for name, one in said.items()
    }
    return {
        "n_test": len(here),
        "auc_elsewhere": auc["elsewhere"],
        "interval": interval(drawn["elsewhere"]),
        "auc": auc["said"],
        "auc_interval": interval(drawn["said"]),
        "difference": auc["elsewhere"] - auc["said"],
        "difference_interval": interval(drawn["elsewhere"] - drawn["said"]),
    }
