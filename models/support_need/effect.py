"""Did the list help? An honest answer from the cut that capacity makes, or from a lottery; or "cannot tell yet".

Just above the cut somebody is offered a conversation, just below it somebody almost equal mostly is not. A regression
discontinuity compares the two: local linear, one line on each side, weights that fall off with the distance to the
cut (triangular kernel), errors that allow learners of one list to be alike (clustered). Need alone does not decide:
who was on the list last Monday stays, who was contacted makes room. So the jump of the outcome is divided by the jump
of the share that is listed (a fuzzy discontinuity). It says what an offer does for learners near the cut whom the cut
decides about, not for everybody, and nothing of what a conversation does. Reports name some who are just below the cut
too, without facts or questions: against those, the difference is smaller than against nothing.

Where a school draws the places around the cut by lot, every learner of that band has a known chance of a place, and the
two groups differ by nothing but luck: each learner counts one over the chance of what happened (inverse propensity).

>>> learners_needed(baseline=0.6, difference=0.1)
1994
>>> learners_needed(baseline=0.6, difference=0.1, times=1)
712

Sources: Imbens & Lemieux (2008), Journal of Econometrics 142 (local linear estimate, sharp and fuzzy); Lunceford &
Davidian (2004), Statistics in Medicine 23 (inverse propensity, weights that add up to one); Fleiss, Levin & Paik
(2003), Statistical Methods for Rates and Proportions (size of two samples, without continuity correction); Owen &
Varian (2020), Electronic Journal of Statistics 14 (against a lottery, a cut needs about 2.8 times the learners).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm, t

#: Scores this far from the cut still count, with falling weight.
BANDWIDTH = 0.15
#: Fewer learners, or lists, on a side than this: no line is drawn through them.
FEWEST_LEARNERS, FEWEST_LISTS = 20, 10
#: If the share that is listed jumps by less than this, something else than the cut decides.
LEAST_JUMP = 0.3
#: A cut needs this many times the learners of a lottery.
CUT_AGAINST_LOTTERY = 2.8
#: The change that a school would want to know of: ten points.
WORTH_KNOWING = 0.10
_CONFIDENCE, _POWER = 0.95, 0.80


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What the cut says.

    Attributes
    ----------
    verdict : {"cannot_tell_yet", "no_difference_shown", "better", "worse"}
        Better or worse only when the whole interval is on one side of zero.
    offered_count, not_offered_count : int
        Learners near the cut whose outcome is known, above and below it.
    difference, low, high : float or None
        Share with the good outcome, offered minus not offered, at the cut, with a 95 % interval; None when no line
        can be drawn.
    baseline : float or None
        Share with the good outcome just below the cut.
    needed_count : int
        Learners near the cut that it takes to see a change of ten points with 80 % power.
    """

    verdict: str
    offered_count: int
    not_offered_count: int
    difference: float | None
    low: float | None
    high: float | None
    baseline: float | None
    needed_count: int

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)


def effect_at_the_cut(listing: pd.DataFrame, *, bandwidth: float = BANDWIDTH) -> Effect:
    """Compare learners just above the cut of a list with those just below it.

    Parameters
    ----------
    listing : pandas.DataFrame
        Rows of ``fct_listing``: ``enrolment_id``, ``list_date``, ``list_owner_id``, ``distance_to_cut``, ``is_listed``,
        ``is_positive``. Only the first Monday on which a learner came near a cut is used: later lists are no longer
        comparable, because the earlier one may have changed them.
    bandwidth : float, default `BANDWIDTH`
        Distance to the cut beyond which a learner does not count.
    """
    near = _first_known(listing[listing["distance_to_cut"].abs().lt(bandwidth)])
    near = near.assign(distance_to_cut=near["distance_to_cut"].astype(float))
    above = (near["distance_to_cut"] > 0).to_numpy()
    estimate = None if _too_few(near, above) else _at_the_cut(near, above, bandwidth)
    return _effect(near, above, estimate, times=CUT_AGAINST_LOTTERY)


def effect_of_the_lottery(draws: pd.DataFrame) -> Effect:
    """Compare learners who drew a place with those of the same bands who did not.

    Parameters
    ----------
    draws : pandas.DataFrame
        Rows of ``fct_list_draw``: ``enrolment_id``, ``list_date``, ``list_owner_id``, ``listed_probability``,
        ``is_listed``, ``is_positive``. Only the first draw of a learner is used, and only one that could go both ways.
    """
    drawn = _first_known(draws[draws["listed_probability"].between(0, 1, inclusive="neither")])
    has_place = drawn["is_listed"].astype(bool).to_numpy()
    estimate = None if _too_few(drawn, has_place) else _by_lot(drawn, has_place)
    return _effect(drawn, has_place, estimate, times=1)


def _too_few(learners: pd.DataFrame, offered: np.ndarray) -> bool:
    """Whether a side has too few learners or lists to say anything."""
    sides = [learners[offered], learners[~offered]]
    return any(len(side) < FEWEST_LEARNERS or side["list"].nunique() < FEWEST_LISTS for side in sides)


def _effect(
    learners: pd.DataFrame, offered: np.ndarray, estimate: tuple[float, float, float] | None, *, times: float
) -> Effect:
    """What an estimate says, with its interval; where there is none, what it would take."""
    counts = {"offered_count": int(offered.sum()), "not_offered_count": int((~offered).sum())}
    if estimate is None:
        baseline = (
            float(learners.loc[~offered, "is_positive"].mean()) if counts["not_offered_count"] else None
        )
        return Effect(
            verdict="cannot_tell_yet",
            **counts,
            difference=None,
            low=None,
            high=None,
            baseline=baseline,
            needed_count=learners_needed(baseline=baseline or 0.6, difference=WORTH_KNOWING, times=times),
        )
    without, difference, error = estimate
    reach = float(t.ppf((1 + _CONFIDENCE) / 2, learners["list"].nunique() - 1)) * error
    low, high = difference - reach, difference + reach
    within = min(max(without, 0.05), 0.85)
    return Effect(
        verdict=_verdict(low, high),
        **counts,
        difference=difference,
        low=low,
        high=high,
        baseline=without,
        needed_count=learners_needed(baseline=within, difference=WORTH_KNOWING, times=times),
    )


def learners_needed(*, baseline: float, difference: float, times: float = CUT_AGAINST_LOTTERY) -> int:
    """Learners, both groups together, to see a difference of two shares with 80 % power at 5 %.

    Parameters
    ----------
    baseline : float
        Share with the good outcome without the offer.
    difference : float
        Smallest change worth knowing; the share with the offer is at most 1.
    times : float, default `CUT_AGAINST_LOTTERY`
        How many times the learners of a lottery the design needs; 1 for a lottery.
    """
    first, second = baseline, min(baseline + difference, 1.0)
    middle = (first + second) / 2
    chance, power = norm.ppf((1 + _CONFIDENCE) / 2), norm.ppf(_POWER)
    spread = chance * math.sqrt(2 * middle * (1 - middle))
    spread += power * math.sqrt(first * (1 - first) + second * (1 - second))
    per_arm = math.ceil(spread**2 / (second - first) ** 2)
    return math.ceil(2 * per_arm * times) if second > first else 0


def _first_known(rows: pd.DataFrame) -> pd.DataFrame:
    """Each learner's first row, where the outcome is known, with the list that it is of."""
    first = rows.sort_values(["list_date", "enrolment_id"]).drop_duplicates("enrolment_id")
    known = first[first["is_positive"].notna()]
    lists = known["list_date"].astype(str) + " " + known["list_owner_id"].astype(str)
    return known.assign(is_positive=known["is_positive"].astype(float), list=lists)


def _at_the_cut(near: pd.DataFrame, above: np.ndarray, bandwidth: float) -> tuple[float, float, float] | None:
    """Outcome at the cut from below, effect of an offer, and its standard error; None when the cut does not decide."""
    distance = near["distance_to_cut"].to_numpy()
    weight = 1 - np.abs(distance) / bandwidth
    design = np.column_stack([np.ones(len(near)), above, distance, distance * above])
    bread = np.linalg.pinv(design.T @ (design * weight[:, None]))
    outcome, is_listed = (near[name].astype(float).to_numpy() for name in ("is_positive", "is_listed"))
    fitted, listed = (bread @ (design.T @ (weight * column)) for column in (outcome, is_listed))
    if listed[1] < LEAST_JUMP:
        return None
    effect = fitted[1] / listed[1]
    left = outcome - effect * is_listed - design @ (fitted - effect * listed)
    groups, _ = pd.factorize(near["list"])
    error = _clustered_error(design, bread, weight * left, groups)
    return float(fitted[0]), float(effect), error / float(listed[1])


def _by_lot(drawn: pd.DataFrame, has_place: np.ndarray) -> tuple[float, float, float]:
    """Outcome without a place, effect of a place, and its standard error, each learner weighed by luck."""
    chance = drawn["listed_probability"].astype(float).to_numpy()
    weight = np.where(has_place, 1 / chance, 1 / (1 - chance))
    design = np.column_stack([np.ones(len(drawn)), has_place])
    bread = np.linalg.pinv(design.T @ (design * weight[:, None]))
    outcome = drawn["is_positive"].to_numpy()
    fitted = bread @ (design.T @ (weight * outcome))
    groups, _ = pd.factorize(drawn["list"])
    error = _clustered_error(design, bread, weight * (outcome - design @ fitted), groups)
    return float(fitted[0]), float(fitted[1]), error


def _clustered_error(design: np.ndarray, bread: np.ndarray, left: np.ndarray, groups: np.ndarray) -> float:
    """Standard error of the second coefficient, clustered (CR1), from what each row leaves unexplained."""
    by_list = np.zeros((groups.max() + 1, design.shape[1]))
    np.add.at(by_list, groups, design * left[:, None])
    rows, lists, width = len(design), len(by_list), design.shape[1]
    small = lists / (lists - 1) * (rows - 1) / (rows - width)
    spread = small * bread @ (by_list.T @ by_list) @ bread
    return float(np.sqrt(spread[1, 1]))


def _verdict(low: float, high: float) -> str:
    if low > 0:
        return "better"
    return "worse" if high < 0 else "no_difference_shown"
