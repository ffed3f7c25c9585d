"""How sure a score is: the candidate chosen and fitted again on cohorts drawn with replacement.

Cohorts are drawn, not learners, because learners of one class share more than chance. Each draw chooses among the same
candidates on the later cohorts that it holds, by what was said of them, and fits the one that wins, from the rate of
the class to the weights. What was said is not said anew in each draw: that would cost a whole training ten times over.
Ten refits tell "nearly always on the list" from "by the luck of the sample"; they are too few for a percentage, and
the bands are rough.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from support_need.capacity import lots, place_on_list
from support_need.choose import choose
from support_need.pipeline import FittedTarget, fit

RESAMPLES = 10
#: A band holds this share of the refits' probabilities.
BAND_SHARE = 0.80


def refits(
    candidate: str, cases: pd.DataFrame, *, judged: pd.DataFrame, among: Collection[str]
) -> tuple[FittedTarget, ...]:
    """Choose and fit again on ``RESAMPLES`` draws of the cohorts; the same cases give the same draws.

    Parameters
    ----------
    candidate : str
        What ships; a draw without a judged cohort keeps it.
    cases : pandas.DataFrame
        All that was learned from.
    judged : pandas.DataFrame
        What every candidate said of later cohorts, as ``evaluate.judge`` gives it.
    among : collection of str
        Candidates that have learners enough.
    """
    random = np.random.default_rng(len(cases))
    codes, cohorts = pd.factorize(cases["cohort_id"].astype(str), sort=True)
    if len(cohorts) < 2:
        return ()
    place = cohorts.get_indexer(pd.Index(judged["cohort_id"].astype(str)))
    found = []
    for _ in range(RESAMPLES):
        times = np.bincount(random.integers(len(cohorts), size=len(cohorts)), minlength=len(cohorts))
        later = _drawn(judged, np.where(place >= 0, times[place], 0))
        chosen = choose(later, among=among)[0] if len(later) else candidate
        found.append(fit(chosen, _drawn(cases, times[codes])))
    return tuple(found)


def _drawn(rows: pd.DataFrame, times: np.ndarray) -> pd.DataFrame:
    """Repeat rows; a class drawn twice is two classes, and a learner of it two people, each of whom counts once."""
    copies = [rows[times > copy].assign(copy=copy) for copy in range(int(times.max(initial=0)))]
    drawn = pd.concat(copies, ignore_index=True) if copies else rows[:0].assign(copy=0)
    again = {
        name: drawn.groupby(["copy", name], observed=True, sort=False).ngroup().astype("category")
        for name in ("cohort_id", "enrolment_id")
    }
    return drawn.assign(**again)


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
    lot = lots(rows["enrolment_id"])
    places = [place_on_list(one, of_list=of_list, lot=lot) for one in _said(fitted, rows)]
    return np.mean([place <= capacity for place in places], axis=0)


def _said(fitted: FittedTarget, rows: pd.DataFrame) -> np.ndarray:
    return np.stack([refit.probability(rows) for refit in fitted.refits])
