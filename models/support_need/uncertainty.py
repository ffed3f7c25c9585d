"""How sure a score is: the whole training again on cohorts drawn with replacement.

Cohorts are drawn, not learners, because learners of one class share more than chance. Each draw goes the whole way
(``ship.ship``): it decides who may compete, fits them before each later cohort that it holds, judges them, chooses one,
fits it from the rate of the class to the weights, and moves its level if that would have helped. Only the features and
the outcomes are taken as they are.

Ten draws tell "nearly always on the list" from "by the luck of the sample". Their share moves in steps of .1, and is
off by .16 (one standard error) where it is .5 and by .09 where it is .9: of those whom nine in ten of all draws would
list, one in four counts as near the cut. A draw holds about two thirds of the classes, some of them twice, so that it
ships the plain rule more often than as many new classes would.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from support_need.capacity import lots, place_on_list
from support_need.pipeline import FittedTarget
from support_need.ship import ship
from support_need.spec import Choices

RESAMPLES = 10
#: A band holds this share of the refits' probabilities.
BAND_SHARE = 0.80


def refits(cases: pd.DataFrame, calendar: pd.DataFrame, *, choices: Choices) -> tuple[FittedTarget, ...]:
    """What ships in each draw of the cohorts; nothing where there is one cohort to draw from.

    Parameters
    ----------
    cases, calendar : pandas.DataFrame
        As ``ship.ship`` takes them.
    choices : Choices
        What the school chose.
    """
    return tuple(
        ship(rows, when, choices=choices, judges_all=False).fitted
        for rows, when in draws(cases, calendar, choices=choices)
    )


def draws(
    cases: pd.DataFrame, calendar: pd.DataFrame, *, choices: Choices
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Cases and calendar of ``RESAMPLES`` draws of the cohorts to learn from; the same cases give the same draws."""
    learnable = calendar[calendar["learnable_at"] < pd.Timestamp(choices.as_of)].sort_index()
    names, count = learnable.index.astype(str), len(learnable)
    known = cases[cases["cohort_id"].isin(learnable.index)]
    place = names.get_indexer(pd.Index(known["cohort_id"].astype(str)))
    random = np.random.default_rng(len(known))
    for _ in range(RESAMPLES if count > 1 else 0):
        times = np.bincount(random.integers(count, size=count), minlength=count)
        copies = [(copy, times > copy) for copy in range(times.max())]
        rows = pd.concat([known[taken[place]].assign(copy=copy) for copy, taken in copies], ignore_index=True)
        # A class drawn twice is two classes, and a learner of it two people, each of whom counts once.
        kinds = rows["cohort_id"].cat.categories
        every = [one for copy in range(times.max()) for one in _copied(kinds, copy)]
        rows = rows.assign(
            cohort_id=pd.Categorical.from_codes(_apart(rows, "cohort_id"), pd.Index(every)),
            enrolment_id=_apart(rows, "enrolment_id"),
        )
        when = [learnable[taken].set_axis(_copied(names[taken], copy)) for copy, taken in copies]
        yield rows, pd.concat(when)


def _apart(rows: pd.DataFrame, name: str) -> np.ndarray:
    """A number for each of the name's categories and copies."""
    kinds = rows[name].cat
    return kinds.codes.to_numpy(dtype=int) + rows["copy"].to_numpy() * len(kinds.categories)


def _copied(names: Iterable[str], copy: int) -> list[str]:
    return [f"{name}#{copy}" for name in names]


def said_in_draws(fitted: FittedTarget, rows: pd.DataFrame) -> np.ndarray:
    """What each refit says of each row: refits by rows, no line without refits."""
    return np.array([refit.probability(rows) for refit in fitted.refits]).reshape(-1, len(rows))


def bands(said: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the band around each row's own probability, which is always inside; NaN without refits."""
    if not len(said):
        return np.full(len(own), np.nan), np.full(len(own), np.nan)
    edge = (1 - BAND_SHARE) / 2
    low, high = np.quantile(said, [edge, 1 - edge], axis=0)
    return np.minimum(low, own), np.maximum(high, own)


def listed_share(said: np.ndarray, rows: pd.DataFrame, *, owner: pd.Series, capacity: int) -> np.ndarray:
    """Share of the refits in which each row is among the ``capacity`` highest of its list.

    Parameters
    ----------
    said : numpy.ndarray
        As ``said_in_draws`` gives it for these rows.
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
    if not len(said):
        return np.full(len(rows), np.nan)
    named = rows["enrolment_id"].astype(str).map(owner).astype("object")
    of_list = rows.groupby([named.where(named.notna(), ""), rows["as_of_date"]]).ngroup().to_numpy()
    lot = lots(rows["enrolment_id"])
    places = [place_on_list(one, of_list=of_list, lot=lot) for one in said]
    return np.mean([place <= capacity for place in places], axis=0)
