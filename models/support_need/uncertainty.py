"""How sure a score is: the shipped candidate fitted again on cohorts drawn with replacement.

Cohorts are drawn, not learners, because learners of one class share more than chance. Each refit starts from the
rate of the class and ends with the weights; the choice of the candidate is not drawn again. Ten refits tell "nearly
always on the list" from "by the luck of the sample"; they are too few for a percentage, and the bands are rough.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from support_need.capacity import place_on_list
from support_need.pipeline import FittedTarget, fit

RESAMPLES = 10
#: A band holds this share of the refits' probabilities.
BAND_SHARE = 0.80


def refits(candidate: str, cases: pd.DataFrame) -> tuple[FittedTarget, ...]:
    """Fit a candidate again on ``RESAMPLES`` draws of the cohorts; the same cases give the same draws."""
    random = np.random.default_rng(len(cases))
    codes, cohorts = pd.factorize(cases["cohort_id"].astype(str), sort=True)
    if len(cohorts) < 2:
        return ()
    draws = (
        np.bincount(random.integers(len(cohorts), size=len(cohorts)), minlength=len(cohorts))
        for _ in range(RESAMPLES)
    )
    return tuple(fit(candidate, _drawn(cases, drawn[codes])) for drawn in draws)


def _drawn(cases: pd.DataFrame, times: np.ndarray) -> pd.DataFrame:
    """Repeat cases; a learner drawn twice is two people, each of whom counts once."""
    copies = [cases[times > copy].assign(copy=copy) for copy in range(int(times.max()))]
    drawn = pd.concat(copies, ignore_index=True)
    person = drawn.groupby(["copy", "enrolment_id"], observed=True, sort=False).ngroup()
    return drawn.assign(enrolment_id=person.astype("category"))


def bands(fitted: FittedTarget, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the band around each row's probability, the probability itself always inside; NaN without refits."""
    if not fitted.refits:
        return np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    said = _said(fitted, rows)
    edge = (1 - BAND_SHARE) / 2
    low, high = np.quantile(said, [edge, 1 - edge], axis=0)
    own = fitted.probability(rows)
    return np.minimum(low, own), np.maximum(high, own)


def listed_share(fitted: FittedTarget, rows: pd.DataFrame, *, owner: pd.Series, capacity: int) -> np.ndarray:
    """Share of the refits in which each row is among the ``capacity`` highest of its list.

    Parameters
    ----------
    fitted : FittedTarget
        With its refits.
    rows : pandas.DataFrame
        As ``pipeline.prepare`` gives them, of one Monday or more.
    owner : pandas.Series
        Index enrolment_id: whose list it would be on.
    capacity : int
        How many names the owner has hours for.

    Returns
    -------
    numpy.ndarray
        0 to 1; NaN without refits. Between about .2 and .8 the data cannot tell who belongs on the list.
    """
    if not fitted.refits:
        return np.full(len(rows), np.nan)
    named = rows["enrolment_id"].astype(str).map(owner).astype("object")
    of_list = rows.groupby([named.where(named.notna(), ""), rows["as_of_date"]]).ngroup().to_numpy()
    places = [
        place_on_list(one, of_list=of_list, enrolment_id=rows["enrolment_id"]) for one in _said(fitted, rows)
    ]
    return np.mean([place <= capacity for place in places], axis=0)


def _said(fitted: FittedTarget, rows: pd.DataFrame) -> np.ndarray:
    return np.stack([refit.probability(rows) for refit in fitted.refits])
