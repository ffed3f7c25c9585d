"""What is known of a learner by the class alone: the rate of the bad outcome by training and campus.

Worked example: overall 20 % leave. Of 50 learners of one training 30 % left; with a pooling weight of 50 its
rate counts as 25 %. A training never seen before counts as 20 %.

Where an outcome takes months, the rate is that of a month, and a group is set beside what everyone's months let expect
of its own: a class that is still maturing has only early ones. Fifty learners are then as many months as fifty had.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from support_need.maturing import MONTH, months_of
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
        ``training_id``, ``campus`` and ``is_bad``; as ``maturing.by_month`` gives them.
    weight : numpy.ndarray
        How much each case counts.
    """
    (training, trainings), (campus, campuses) = _named(cases["training_id"]), _named(cases["campus"])
    pair, pairs = pd.factorize(campus + training * len(campuses), sort=True)
    overall, months = baseline(cases, weight)
    sums = np.full(len(cases), overall)
    training_logit = overall + beyond(cases, weight, training, sums, months)
    campus_logit = beyond(cases, weight, campus, training_logit[training], months)
    sums = training_logit[training] + campus_logit[campus]
    pair_logit = _mean(sums, weight, pair) + beyond(cases, weight, pair, sums, months)
    names = [f"{trainings[at // len(campuses)]}|{campuses[at % len(campuses)]}" for at in pairs.tolist()]
    return Environment(
        overall=overall,
        trainings=dict(zip(trainings, training_logit.tolist(), strict=True)),
        campuses=dict(zip(campuses, campus_logit.tolist(), strict=True)),
        cells=dict(zip(names, pair_logit.tolist(), strict=True)),
    )


def baseline(rows: pd.DataFrame, weight: np.ndarray) -> tuple[float, tuple[float, ...]]:
    """Logit of everyone's rate and, where rows are months, how far each month's lies from it.

    Every month begins with one row at everyone's rate, so that none is certain.
    """
    is_bad = rows["is_bad"].to_numpy(dtype=float)
    rate = float(np.average(is_bad, weights=weight))
    overall = float(logit(rate))
    if not (count := months_of(rows)):
        return overall, ()
    month = rows[MONTH].to_numpy()
    number = np.bincount(month, weights=weight, minlength=count)
    bad = np.bincount(month, weights=weight * is_bad, minlength=count)
    return overall, tuple((logit((bad + rate) / (number + 1)) - overall).tolist())


def beyond(
    rows: pd.DataFrame, weight: np.ndarray, group: np.ndarray, sums: np.ndarray, months: tuple[float, ...]
) -> np.ndarray:
    """How far the logit of each group lies beyond that which its rows' sums let expect, drawn to it if it is small."""
    is_bad, pooling = rows["is_bad"].to_numpy(dtype=float), float(POOLING_ENROLMENTS)
    if months:
        month = rows[MONTH].to_numpy()
        sums = sums + np.asarray(months)[month]
        pooling *= weight.sum() / weight[month == 0].sum()
    expected = _mean(expit(sums), weight, group)
    number = np.bincount(group, weights=weight)
    bad = np.bincount(group, weights=weight * is_bad)
    return logit((bad + pooling * expected) / (number + pooling)) - logit(expected)


def _named(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Place of each value among the names in their order, and the names."""
    codes, found = pd.factorize(values, use_na_sentinel=False)
    names = np.asarray(found, dtype=str)
    order = np.argsort(names)
    return np.argsort(order)[codes], names[order].tolist()


def _mean(values: np.ndarray, weight: np.ndarray, group: np.ndarray) -> np.ndarray:
    return np.bincount(group, weights=values * weight) / np.bincount(group, weights=weight)
