"""Which candidate ships: the simplest within noise of the best, and none that the baselines match."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

from support_need.spec import BASELINES, CANDIDATES, PLAIN_RULE

NO_LATER_COHORT = "not enough mature cohorts to judge a model on later ones"
NOT_BETTER = "no model beat the plain rule and the rate of the class on later cohorts"


def choose(predictions: pd.DataFrame) -> tuple[str, str]:
    """Choose what ships, by its log loss on later cohorts.

    A model may rank people if it beats both baselines: a log loss lower by more than one standard error of
    the paired difference, taken over cohorts, and a higher average precision. Of the models that may, the
    simplest within one standard error of the best ships; if none may, the plain rule does.

    Parameters
    ----------
    predictions : pandas.DataFrame
        As ``evaluate.judge`` gives them.

    Returns
    -------
    tuple of str
        The candidate, and why the plain rule ranks (empty when a model does).
    """
    if predictions.empty:
        return PLAIN_RULE, NO_LATER_COHORT
    losses, size = _losses_by_cohort(predictions)
    precision = {
        name: average_precision_score(predictions["is_bad"].astype(int), predictions[name])
        for name in CANDIDATES
    }
    models = [name for name in CANDIDATES if name not in BASELINES]
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


def _losses_by_cohort(predictions: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    is_bad = predictions["is_bad"].to_numpy(dtype=float)
    losses = {}
    for name in CANDIDATES:
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
