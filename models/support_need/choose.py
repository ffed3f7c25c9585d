"""Which candidate ships: the simplest within noise of the best, and none that the baselines match."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from support_need.candidates import PRIOR_SCALES, parameters
from support_need.capacity import precisions
from support_need.maturing import settled
from support_need.pipeline import FittedTarget, fit
from support_need.riley import learners_needed
from support_need.spec import BASELINES, CANDIDATES, PLAIN_RULE

NO_LATER_COHORT = "not enough mature cohorts to judge a model on later ones"
TOO_FEW_FOR_A_MODEL = "too few learners with a known outcome for any model: see who may compete"
NOT_BETTER = (
    "no model beat the plain rule and the rate of the class on later cohorts, at the hours coaches have"
)


def weighed(cases: pd.DataFrame) -> dict[str, FittedTarget]:
    """Fit every candidate whose parameters are counted by their weights: see ``competitors``."""
    return {name: fit(name, cases) for name in PRIOR_SCALES}


def competitors(cases: pd.DataFrame, fitted: Mapping[str, FittedTarget]) -> list[dict[str, Any]]:
    """Say which candidates have learners enough to compete.

    Parameters
    ----------
    cases : pandas.DataFrame
        All that may be learned from.
    fitted : dict
        What ``weighed`` gives for these cases.

    Returns
    -------
    list of dict
        One row per candidate: ``candidate``, ``parameters``, ``learners_needed`` (``riley.learners_needed``),
        ``learners_found`` (with an outcome) and ``may_compete``. The baselines always may: their rates are pooled, not
        fitted.
    """
    once = settled(cases).drop_duplicates("enrolment_id")
    bad_share = float(once["is_bad"].mean()) if len(once) else 0.0
    stages = {name: one.stages for name, one in fitted.items()}
    count = dict.fromkeys(CANDIDATES, 0.0) | (parameters(cases, stages) if 0 < bad_share < 1 else {})
    rows = []
    for name in CANDIDATES:
        needed = learners_needed(count[name], bad_share) if 0 < bad_share < 1 else None
        able = name in BASELINES or (needed is not None and 0 < needed <= len(once))
        rows.append(
            {"candidate": name, "parameters": round(count[name], 1), "learners_needed": needed}
            | {"learners_found": len(once), "may_compete": able}
        )
    return rows


def choose(predictions: pd.DataFrame, *, among: Collection[str] = CANDIDATES) -> tuple[str, str]:
    """Choose what ships, by its log loss on later cohorts.

    A model may rank people if it beats both baselines: a log loss lower by more than one standard error of
    the paired difference, taken over cohorts, and more precise lists at the length that the coaches have hours for.
    Of the models that may, the simplest within one standard error of the best ships; if none may, the plain rule does.

    Parameters
    ----------
    predictions : pandas.DataFrame
        As ``evaluate.judge`` gives them.
    among : collection of str
        Candidates that have learners enough.

    Returns
    -------
    tuple of str
        The candidate, and why the plain rule ranks (empty when a model does).
    """
    if predictions.empty:
        return PLAIN_RULE, NO_LATER_COHORT
    models = [name for name in CANDIDATES if name not in BASELINES and name in among]
    if not models:
        return PLAIN_RULE, TOO_FEW_FOR_A_MODEL
    losses, size = _losses_by_cohort(predictions, (*BASELINES, *models))
    precision = precisions(predictions, (*BASELINES, *models))
    able = [
        name
        for name in models
        if all(
            _gain(losses, size, name, base) > 0 and precision[name] > precision[base] for base in BASELINES
        )
    ]
    if not able:
        return PLAIN_RULE, NOT_BETTER
    best = min(able, key=lambda name: float(np.average(losses[name], weights=size)))
    return next(name for name in able if name == best or _gain(losses, size, best, name) <= 0), ""


def _losses_by_cohort(predictions: pd.DataFrame, names: Iterable[str]) -> tuple[pd.DataFrame, np.ndarray]:
    is_bad = predictions["is_bad"].to_numpy(dtype=float)
    losses = {}
    for name in names:
        probability = np.clip(predictions[name].to_numpy(dtype=float), 1e-6, 1 - 1e-6)
        losses[name] = -(is_bad * np.log(probability) + (1 - is_bad) * np.log(1 - probability))
    by_cohort = pd.DataFrame(losses).groupby(predictions["cohort_id"].to_numpy())
    return by_cohort.mean(), by_cohort.size().to_numpy()


def _gain(losses: pd.DataFrame, size: np.ndarray, name: str, other: str) -> float:
    """How much lower the loss of ``name`` is than that of ``other``, less one standard error."""
    difference = (losses[other] - losses[name]).to_numpy()
    mean = np.average(difference, weights=size)
    share, count = size / size.sum(), len(size)
    if count < 2:
        return float(mean)
    variance = np.sum(share**2 * (difference - mean) ** 2) * count / (count - 1)
    return float(mean - np.sqrt(variance))
