"""What is known of a learner by the class alone: the rate of the bad outcome by training and campus.

Worked example: overall 20 % leave. Of 50 learners of one training 30 % left; with a pooling weight of 50 its
rate counts as 25 %. A training never seen before counts as 20 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from support_need.spec import POOLING_ENROLMENTS


@dataclass(frozen=True)
class Environment:
    """Logits of the bad outcome, small groups pulled towards what is known of larger ones.

    A new cohort has no outcomes of its own yet; its rate is that of its training and campus.

    Attributes
    ----------
    overall : float
        Logit of everyone together.
    trainings : dict
        Training to its own logit.
    campuses : dict
        Campus to the logit it adds to that of the training.
    cells : dict
        ``training|campus`` to the logit of the pair.
    """

    overall: float
    trainings: Mapping[str, float]
    campuses: Mapping[str, float]
    cells: Mapping[str, float]

    def logits(self, rows: pd.DataFrame) -> np.ndarray:
        """Logit of each row's training and campus; that of its training, campus or everyone when the pair is new."""
        (training, trainings), (campus, campuses) = _named(rows["training_id"]), _named(rows["campus"])
        pairs, place = np.unique(campus + training * len(campuses), return_inverse=True)
        known = [self._logit(trainings[at // len(campuses)], campuses[at % len(campuses)]) for at in pairs]
        return np.array(known, dtype=float)[place]

    def _logit(self, training: str, campus: str) -> float:
        apart = self.trainings.get(training, self.overall) + self.campuses.get(campus, 0.0)
        return self.cells.get(f"{training}|{campus}", apart)


def fit_environment(cases: pd.DataFrame, weight: np.ndarray) -> Environment:
    """Pool rates from everyone to training, from training to campus, and from both to their pair.

    Parameters
    ----------
    cases : pandas.DataFrame
        ``training_id``, ``campus`` and ``is_bad``.
    weight : numpy.ndarray
        How much each case counts.
    """
    is_bad = cases["is_bad"].to_numpy(dtype=float)
    overall = float(np.average(is_bad, weights=weight))
    (training, trainings), (campus, campuses) = _named(cases["training_id"]), _named(cases["campus"])
    training_logit = _pooled_logit(is_bad, weight, training, np.full(len(cases), overall))
    expected = expit(training_logit[training])
    campus_logit = _pooled_logit(is_bad, weight, campus, expected) - logit(_mean(expected, weight, campus))
    pair, pairs = pd.factorize(campus + training * len(campuses), sort=True)
    parent = expit(training_logit[training] + campus_logit[campus])
    pair_logit = _pooled_logit(is_bad, weight, pair, parent)
    names = [f"{trainings[at // len(campuses)]}|{campuses[at % len(campuses)]}" for at in pairs.tolist()]
    return Environment(
        overall=float(logit(overall)),
        trainings=dict(zip(trainings, training_logit.tolist(), strict=True)),
        campuses=dict(zip(campuses, campus_logit.tolist(), strict=True)),
        cells=dict(zip(names, pair_logit.tolist(), strict=True)),
    )


def _named(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Place of each value among the names in their order, and the names."""
    codes, found = pd.factorize(values, use_na_sentinel=False)
    names = np.asarray(found, dtype=str)
    order = np.argsort(names)
    return np.argsort(order)[codes], names[order].tolist()


def _mean(values: np.ndarray, weight: np.ndarray, group: np.ndarray) -> np.ndarray:
    return np.bincount(group, weights=values * weight) / np.bincount(group, weights=weight)


def _pooled_logit(
    is_bad: np.ndarray, weight: np.ndarray, group: np.ndarray, parent: np.ndarray
) -> np.ndarray:
    number = np.bincount(group, weights=weight)
    bad = np.bincount(group, weights=weight * is_bad)
    return logit((bad + POOLING_ENROLMENTS * _mean(parent, weight, group)) / (number + POOLING_ENROLMENTS))
