"""How far figures may be trusted: intervals by resampling whole cohorts, in pairs where two models are compared.

Learners of one cohort share a teacher, a marking scheme and a calendar, so cohorts are drawn, with replacement,
and many draws are worked out at once as weights. Worked example: six cohorts, 400 draws; in one of them a
cohort is drawn twice, its learners weigh 2, and the AUC of that draw is the weighted AUC. A sum over learners needs
no weight of a learner: that of each cohort counts as often as the cohort is drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

DRAWS = 400
INTERVAL = (2.5, 97.5)
_BINS = 10
_NEWTON_STEPS = 8
_SMALLEST_STEP = 1e-9
#: So many weights of cases are held at once, 8 bytes each, and some ten tables as large beside them.
_MOST_WEIGHTS = 8_000_000


def drawn(cohorts: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """How often each cohort is drawn, draws by cohorts, and the cohort of each case; the same for the same cohorts."""
    codes, names = pd.factorize(cohorts.astype(str), sort=True)
    equal = np.full(len(names), 1 / len(names))
    return np.random.default_rng(0).multinomial(len(names), equal, size=DRAWS), codes


def drawn_sums(cohorts: pd.Series, *values: np.ndarray) -> np.ndarray:
    """Sum over all cases in each draw, values by draws: each case counts as often as its cohort is drawn."""
    times, codes = drawn(cohorts)
    return np.stack([times @ np.bincount(codes, weights=each, minlength=times.shape[1]) for each in values])


def drawn_figures(
    cohorts: pd.Series, is_bad: np.ndarray, probability: np.ndarray, **told: Any
) -> dict[str, np.ndarray]:
    """``resampled_figures`` of every draw, as many draws at once as memory is meant for."""
    times, codes = drawn(cohorts)
    at_once = max(1, _MOST_WEIGHTS // len(codes))
    blocks = (times[first : first + at_once, codes] for first in range(0, DRAWS, at_once))
    found = [resampled_figures(is_bad, probability, one.astype(float), **told) for one in blocks]
    return {name: np.concatenate([one[name] for one in found]) for name in found[0]}


def resampled_figures(
    is_bad: np.ndarray,
    probability: np.ndarray,
    weights: np.ndarray,
    *,
    listed_share: float,
    calibrated: bool = True,
) -> dict[str, np.ndarray]:
    """Figures of every draw, as ``evaluate.figures`` defines them with each case counted by its weight.

    Parameters
    ----------
    is_bad, probability : numpy.ndarray
        Per case.
    weights : numpy.ndarray
        Draws by cases: how often each case counts.
    listed_share : float
        Share of the learners that a coach's list holds.
    calibrated : bool, default True
        Tell the calibration's intercept and slope too, four fifths of the work.

    Returns
    -------
    dict of numpy.ndarray
        Figure to one value per draw; NaN in a draw that holds one outcome only.
    """
    order = np.argsort(-probability, kind="stable")
    outcome, chance, weight = is_bad[order], probability[order], weights[:, order]
    last_of_tie = np.append(chance[1:] != chance[:-1], True)
    listed = np.cumsum(weight, axis=1)
    caught = np.cumsum(weight * outcome, axis=1)
    total, bad = listed[:, -1], caught[:, -1]
    clipped = np.clip(chance, 1e-15, 1 - 1e-15)
    loss = -np.log(np.where(outcome == 1, clipped, 1 - clipped))
    with np.errstate(divide="ignore", invalid="ignore"):
        curves = _curves(listed[:, last_of_tie], caught[:, last_of_tie])
        on_list = _caught(listed[:, last_of_tie], caught[:, last_of_tie], listed_share)
        found = curves | {
            "brier": weight @ (outcome - chance) ** 2 / total,
            "log_loss": weight @ loss / total,
            "ece": _calibration_error(outcome - chance, weight, listed),
            "precision_at_20pct": on_list / (listed_share * total),
            "recall_at_20pct": on_list / bad,
        }
    if calibrated:
        found["calibration_intercept"] = recalibrations(outcome, chance, weight, with_slope=False)[0]
        found["calibration_slope"] = recalibrations(outcome, chance, weight, with_slope=True)[1]
    return found


def _curves(listed: np.ndarray, caught: np.ndarray) -> dict[str, np.ndarray]:
    """Area under the receiver's curve by trapezoids, and average precision by steps; ties move together."""
    total, bad = listed[:, -1:], caught[:, -1:]
    recall, false_alarms = caught / bad, (listed - caught) / (total - bad)
    steps = np.diff(recall, prepend=0.0, axis=1)
    precision = np.divide(caught, listed, out=np.zeros_like(caught), where=listed > 0)
    width = np.diff(false_alarms, prepend=0.0, axis=1)
    auc = (width * (recall - steps / 2)).sum(axis=1)
    return {"auc": auc, "ap": (steps * precision).sum(axis=1)}


def _caught(listed: np.ndarray, caught: np.ndarray, share: float) -> np.ndarray:
    """Bad outcomes on the list; those tied at its edge count by their share."""
    edges = share * listed[:, -1]
    return np.array(
        [
            np.interp(edge, np.append(0.0, each), np.append(0.0, found))
            for edge, each, found in zip(edges, listed, caught, strict=True)
        ]
    )


def _calibration_error(surprise: np.ndarray, weight: np.ndarray, listed: np.ndarray) -> np.ndarray:
    draws, total = len(weight), listed[:, -1:]
    bins = np.minimum((_BINS * (listed - weight / 2) / total).astype(int), _BINS - 1)
    place = (bins + _BINS * np.arange(draws)[:, None]).ravel()
    sums = np.bincount(place, weights=(weight * surprise).ravel(), minlength=draws * _BINS)
    return np.abs(sums.reshape(draws, _BINS)).sum(axis=1) / total[:, 0]


def recalibrations(
    outcome: np.ndarray, chance: np.ndarray, weight: np.ndarray, *, with_slope: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Intercept and slope of the outcome's logit on the predicted one, per draw (Cox 1958), by Newton's method.

    Parameters
    ----------
    outcome, chance : numpy.ndarray
        Per case.
    weight : numpy.ndarray
        Draws by cases.
    with_slope : bool
        False keeps the slope at one: the intercept is then the calibration in the large.

    Returns
    -------
    tuple of numpy.ndarray
        Intercept and slope per draw; 0 and 1 are perfect. NaN where a draw holds one outcome, or all
        predictions are equal and a slope is asked for.
    """
    place = logit(np.clip(chance, 1e-9, 1 - 1e-9))
    bad_share = weight @ outcome / weight.sum(axis=1)
    unknown = (bad_share <= 0) | (bad_share >= 1) | (with_slope and np.ptp(place) < 1e-9)
    intercept, slope = np.zeros(len(weight)), np.ones(len(weight))
    # A draw of one outcome, or of equal predictions, has no solution: it runs off and is marked as unknown.
    with np.errstate(all="ignore"):
        for _ in range(_NEWTON_STEPS):
            predicted = expit(intercept[:, None] + slope[:, None] * place)
            surprise, spread = weight * (outcome - predicted), weight * predicted * (1 - predicted)
            pull, stiffness = surprise.sum(axis=1), spread.sum(axis=1)
            step, turn = pull / stiffness, np.zeros_like(pull)
            if with_slope:
                tilt, cross, bend = surprise @ place, spread @ place, spread @ place**2
                determinant = stiffness * bend - cross**2
                step = (bend * pull - cross * tilt) / determinant
                turn = (stiffness * tilt - cross * pull) / determinant
            intercept, slope = intercept + step, slope + turn
            if not (np.abs([step, turn]) > _SMALLEST_STEP).any():
                break
    unknown = unknown | ~np.isfinite(intercept) | ~np.isfinite(slope)
    return np.where(unknown, np.nan, intercept), np.where(unknown, np.nan, slope)


def interval(values: np.ndarray) -> list[float] | None:
    """Middle 95 % of the draws; None where no draw has a value."""
    known = values[~np.isnan(values)]
    return [float(edge) for edge in np.percentile(known, INTERVAL)] if len(known) else None
