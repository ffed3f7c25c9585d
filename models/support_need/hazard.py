"""When work is found after training: a discrete-time hazard on person-months, with shocks shared by a class.

A learner who left is at risk month after month until work is found, the horizon ends, or what we know ends:
a cohort that is still maturing counts with the months it has (right-censored), and nobody waits for the last
answer. Whoever leaves without completing never comes at risk: dropout is the competing end, modelled apart
(``targets.completes``), and the chance of both is the product (Singer and Willett 2003; Allison 2014).
That is the forecast's; a learner's own score takes the same months in one sum (``maturing.py``).

Worked example, horizon 180 days, six months: placed on day 70 gives three rows, months 0, 1 and 2, the last
with the event; left 95 days ago gives months 0, 1 and 2 without one, also if work was found on day 92.

Logit of the hazard = month + facts of the learner + half-year of start + cohort. The last two are random
effects; their spreads are estimated by expectation-maximisation around the Laplace approximation, with one
pseudo-group of spread ``spec.SHOCK_SCALE`` so that few cohorts never look like none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from support_need.spec import SHOCK_SCALE

MONTH_DAYS = 30
#: A longer step on the logit scale would overshoot where everything is nearly certain.
_LONGEST_STEP = 1.0
_EM_STEPS, _NEWTON_STEPS, _CLOSE = 25, 50, 1e-8


@dataclass(frozen=True)
class SharedFit:
    """Posterior of a logistic model with one random effect per cohort, as its Laplace approximation.

    Attributes
    ----------
    mode, covariance : numpy.ndarray
        Of the weights of the columns.
    cohort_mode, cohort_precision : numpy.ndarray
        Of the effect of each cohort, given the weights.
    cross : numpy.ndarray
        Cohorts by columns: curvature between the two.
    cohort_scale, shared_scale : float
        Spread of the effects of cohorts, and of the shared columns.
    """

    mode: np.ndarray
    covariance: np.ndarray
    cohort_mode: np.ndarray
    cohort_precision: np.ndarray
    cross: np.ndarray
    cohort_scale: float
    shared_scale: float

    def draw(self, random: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Draws of the weights (size by columns) and of the cohorts' effects (size by cohorts)."""
        weights = random.multivariate_normal(self.mode, self.covariance, size=size, method="cholesky")
        centre = self.cohort_mode - ((weights - self.mode) @ self.cross.T) / self.cohort_precision
        noise = random.standard_normal(centre.shape) / np.sqrt(self.cohort_precision)
        return weights, centre + noise


def months_within(horizon_days: int) -> int:
    """Months to the horizon; the last one takes the days that are left over."""
    return max(1, horizon_days // MONTH_DAYS)


def person_months(
    days_seen: np.ndarray, placed_day: np.ndarray, *, horizon_days: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Months at risk, one row per leaver and month of which everything is known: see ``months_at_risk``.

    Parameters
    ----------
    days_seen : numpy.ndarray
        Days after leaving of which we know everything.
    placed_day : numpy.ndarray
        Day after leaving on which work began; NaN where none did.
    horizon_days : int
        Days within which work has to begin.

    Returns
    -------
    tuple of numpy.ndarray
        Position of the leaver, month and event (0.0 or 1.0) of each row.
    """
    count, placed = months_at_risk(days_seen, placed_day, horizon_days=horizon_days)
    leaver, month = one_by_one(count)
    return leaver, month, (placed[leaver] & (month == count[leaver] - 1)).astype(float)


def months_at_risk(
    days_seen: np.ndarray, placed_day: np.ndarray, *, horizon_days: int
) -> tuple[np.ndarray, np.ndarray]:
    """Count each leaver's months at risk, and tell whether the last of them brought work.

    A month that news has not yet covered to its end counts for nobody, whoever found work in its first days included:
    they alone would make it look like a month in which everybody finds work.
    """
    months = months_within(horizon_days)
    whole = np.clip(days_seen // MONTH_DAYS, 0, months - 1)
    seen = np.where(days_seen >= horizon_days, months, whole)
    found = np.minimum(placed_day // MONTH_DAYS, months - 1)
    placed = (found < seen) & (placed_day <= horizon_days)
    return np.where(placed, found + 1, seen).astype(int), placed


def one_by_one(count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Position and month, from 0, of each of so many months."""
    position = np.repeat(np.arange(len(count)), count)
    return position, np.arange(len(position)) - np.repeat(np.cumsum(count) - count, count)


def fit_shared(
    design: np.ndarray,
    event: np.ndarray,
    cohort: np.ndarray,
    *,
    cohorts: int,
    precision: np.ndarray,
    shared: slice,
    offset: np.ndarray | None = None,
) -> SharedFit:
    """Fit the weights, the effect of each cohort, and how far cohorts and half-years lie apart.

    Parameters
    ----------
    design : numpy.ndarray
        Rows by columns.
    event, cohort : numpy.ndarray
        Per row: whether it happened, and the position of its cohort.
    cohorts : int
        How many there are, those without a row included.
    precision : numpy.ndarray
        Of the normal prior of each weight; that of the shared columns is estimated.
    shared : slice
        Columns of what several cohorts share (half-years of start).
    offset : numpy.ndarray, optional
        Part of the logit that is given.

    Returns
    -------
    SharedFit
    """
    given = np.zeros(len(event)) if offset is None else offset
    precision = precision.astype(float).copy()
    cohort_variance = shared_variance = SHOCK_SCALE**2
    weights, effects = np.zeros(design.shape[1]), np.zeros(cohorts)
    for _ in range(_EM_STEPS):
        precision[shared] = 1 / shared_variance
        weights, effects, covariance, cross, diagonal = _mode(
            design, event, cohort, given, precision, 1 / cohort_variance, weights, effects
        )
        spread = 1 / diagonal + np.einsum("ij,jk,ik->i", cross, covariance, cross) / diagonal**2
        cohort_variance = (np.sum(effects**2 + spread) + SHOCK_SCALE**2) / (cohorts + 1)
        shift = weights[shared] ** 2 + np.diag(covariance)[shared]
        shared_variance = (shift.sum() + SHOCK_SCALE**2) / (len(shift) + 1)
    return SharedFit(
        weights,
        covariance,
        effects,
        diagonal,
        cross,
        cohort_scale=float(np.sqrt(cohort_variance)),
        shared_scale=float(np.sqrt(shared_variance)),
    )


def _mode(
    design: np.ndarray,
    event: np.ndarray,
    cohort: np.ndarray,
    offset: np.ndarray,
    precision: np.ndarray,
    cohort_precision: float,
    weights: np.ndarray,
    effects: np.ndarray,
) -> tuple[np.ndarray, ...]:
    """Newton's method; cohorts are eliminated first, for each row belongs to one (Schur complement)."""
    for _ in range(_NEWTON_STEPS):
        probability = expit(design @ weights + effects[cohort] + offset)
        left, weight = event - probability, probability * (1 - probability)
        slope = design.T @ left - precision * weights
        cohort_slope = _by_cohort(left, cohort, effects) - cohort_precision * effects
        diagonal = _by_cohort(weight, cohort, effects) + cohort_precision
        weighted = design * weight[:, None]
        cross = np.column_stack([_by_cohort(column, cohort, effects) for column in weighted.T])
        curvature = weighted.T @ design + np.diag(precision) - cross.T @ (cross / diagonal[:, None])
        step = np.linalg.solve(curvature, slope - cross.T @ (cohort_slope / diagonal))
        cohort_step = (cohort_slope - cross @ step) / diagonal
        longest = max(np.abs(step).max(), np.abs(cohort_step).max())
        shorter = min(1.0, _LONGEST_STEP / longest) if longest else 1.0
        weights, effects = weights + shorter * step, effects + shorter * cohort_step
        if longest < _CLOSE:
            break
    return weights, effects, np.linalg.inv(curvature), cross, diagonal


def _by_cohort(values: np.ndarray, cohort: np.ndarray, effects: np.ndarray) -> np.ndarray:
    return np.bincount(cohort, weights=values, minlength=len(effects))
