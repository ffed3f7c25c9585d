"""Does the model still meet the world that it learned from? Three checks a week, each with a limit that is worked out.

1. **Inputs.** For each input of the shipped model: values more than a spread outside the range seen in the past, and
   missing values. One new value lies outside the range of N past learners by chance 2 / (N + 1), beyond a spread of it
   less often still; more than the exact binomial allows is told. (Without the spread a whole class could be outside by
   a hair: the zero of an input beside its cohort is as low as the cohort's mean is high.) The share missing may not
   be above the highest of any past Monday.
2. **Flags.** How many learners score above the height that a fifth of the past scores of the same stage of training
   were above: an exact binomial test on as many learners as the classes are worth, cohorts being apart as cohorts are.
3. **Outcomes.** The sum of outcomes less probabilities, as outcomes mature, in both directions (CUSUM, Page 1954),
   less an allowance of half the shift that matters. Its limit is simulated: probabilities as they were said, cohorts
   apart as cohorts are, no drift; one history in twenty goes beyond it. The same simulation with the shift says how
   many outcomes it takes to see it.

No population stability index: its fixed thresholds are made for thousands. Without any drift it is above .1 or even .2
in many a week of a school of a few dozen learners (``stability_index`` in the tests counts how often).

Worked example: 100 learners of 30 % each and 45 bad outcomes: the sum of y - p is 15; less .05 for each of 100 learners
leaves 10, beyond a limit of 8: told. With 33 bad outcomes the sum is 3 and the CUSUM stays near nought.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import binom

from support_need.pipeline import FittedTarget
from support_need.spec import SHOCK_SCALE

#: A rise or fall of the bad outcome's rate that a school would want to know of.
SHIFT = 0.10
#: One check of an input or of the flags speaks up by chance once in so many.
CHANCE = 0.001
#: Share of histories without drift in which the CUSUM speaks up at all.
FALSE_ALARM_SHARE = 0.05
FLAGGED_SHARE = 0.20
HISTORIES = 1000
CHECK_COLUMNS = (
    "check",
    "subject",
    "learners_count",
    "value",
    "low",
    "high",
    "is_alarm",
    "detects_after_count",
)


def input_checks(fitted: FittedTarget, now: pd.DataFrame, past: pd.DataFrame) -> pd.DataFrame:
    """Check the inputs of a Monday against those of the past.

    Parameters
    ----------
    fitted : FittedTarget
        Names the inputs: those that any of its stages weighs.
    now, past : pandas.DataFrame
        As ``pipeline.prepare`` gives them: the Monday's rows, and those of earlier Mondays.

    Returns
    -------
    pandas.DataFrame
        Two rows per input, in ``CHECK_COLUMNS``: values far ``outside`` the past range (a count, at most ``high``)
        and the share ``missing`` (up to the highest of any past Monday with at least half as many learners: a Monday
        with one class in its first week would allow everything). None without a past.
    """
    if now.empty or past.empty:
        return _table([])
    names = sorted({name for model in fitted.stages.values() for name in model.effects} & set(now.columns))
    size = past.groupby("as_of_date")["as_of_date"].transform("size")
    as_full = past[size >= min(len(now), size.max()) / 2]
    found = []
    for name in names:
        known, before = now[name].dropna(), past[name].dropna()
        low, high = before.min() - before.std(), before.max() + before.std()
        outside = int(((known < low) | (known > high)).sum())
        seen = past.loc[before.index, "enrolment_id"].nunique()
        allowed = int(binom.isf(CHANCE, len(known), 2 / (seen + 1))) if len(known) else 0
        found.append(_row("outside", name, len(now), outside, 0, allowed))
        missing, most = (
            now[name].isna().mean(),
            as_full[name].isna().groupby(as_full["as_of_date"]).mean().max(),
        )
        found.append(_row("missing", name, len(now), missing, 0.0, most))
    return _table(found)


def flag_check(fitted: FittedTarget, now: pd.DataFrame, past: pd.DataFrame) -> pd.DataFrame:
    """Test whether as many score high as in the same stages of the past; one row in ``CHECK_COLUMNS``, none without."""
    now = now[now["stage"].isin(past["stage"].unique())]
    if now.empty or past.empty:
        return _table([])
    said = pd.Series(fitted.probability(past), index=past.index)
    height = said.groupby(past["stage"]).quantile(1 - FLAGGED_SHARE)
    usual_of_stage = (said > past["stage"].map(height)).groupby(past["stage"]).mean()
    usual = float(now["stage"].map(usual_of_stage).mean())
    share = float(np.mean(fitted.probability(now) > now["stage"].map(height)))
    number = _worth(now["cohort_id"], usual)
    low, high = (float(edge) for edge in binom.ppf([CHANCE / 2, 1 - CHANCE / 2], number, usual) / number)
    row = _row("flagged", fitted.candidate, len(now), share, low, high)
    return _table([row | {"is_alarm": not low <= share <= high}])


def _worth(cohort: pd.Series, share: float) -> int:
    """How many independent learners would tell as much of a share: those of a class share its shock."""
    of_class = cohort.astype(str).value_counts(normalize=True).to_numpy()
    alone = share * (1 - share)
    together = (alone * SHOCK_SCALE) ** 2 * np.sum(of_class**2)
    return max(1, round(alone / (alone / len(cohort) + together))) if alone else len(cohort)


def outcome_check(matured: pd.DataFrame) -> pd.DataFrame:
    """Follow outcomes less what was said, as they mature.

    Parameters
    ----------
    matured : pandas.DataFrame
        One row per enrolment whose outcome is known, in the order of maturing: ``cohort_id``, ``is_bad`` and the
        ``probability`` that was said at the time.

    Returns
    -------
    pandas.DataFrame
        Two rows in ``CHECK_COLUMNS``, for ``more`` and for ``fewer`` bad outcomes than was said: the CUSUM now, its
        limit, and after how many outcomes half the histories with a shift of ``SHIFT`` are told. None without any.
    """
    if matured.empty:
        return _table([])
    probability, is_bad = (matured[name].to_numpy(dtype=float) for name in ("probability", "is_bad"))
    cohort = pd.factorize(matured["cohort_id"].astype(str))[0]
    quiet = simulate(probability, cohort, shift=0.0)
    found = []
    for subject, side in (("more", 1.0), ("fewer", -1.0)):
        walk = cusum(side * (is_bad - probability)[None, :])[0]
        limit = float(np.quantile(cusum(side * (quiet - probability)).max(axis=1), 1 - FALSE_ALARM_SHARE / 2))
        shifted = cusum(side * (simulate(probability, cohort, shift=side * SHIFT) - probability)) > limit
        told = np.where(shifted.any(axis=1), shifted.argmax(axis=1) + 1, np.inf)
        half = float(np.median(told))
        row = _row("outcomes", subject, len(matured), float(walk[-1]), 0.0, limit)
        found.append(row | {"is_alarm": bool(walk.max() > limit), "detects_after_count": half})
    return _table(found)


def cusum(surprise: np.ndarray) -> np.ndarray:
    """Running sum that never falls below nought, less the allowance: histories by outcomes."""
    sums, now = np.empty_like(surprise), np.zeros(len(surprise))
    for place in range(surprise.shape[1]):
        now = np.maximum(0.0, now + surprise[:, place] - SHIFT / 2)
        sums[:, place] = now
    return sums


def simulate(probability: np.ndarray, cohort: np.ndarray, *, shift: float) -> np.ndarray:
    """Outcomes of many histories in which the model is right but for ``shift``, cohorts apart as cohorts are."""
    random = np.random.default_rng(len(probability))
    place = logit(np.clip(probability, 1e-6, 1 - 1e-6))
    shocks = random.normal(0.0, SHOCK_SCALE, size=(HISTORIES, int(cohort.max()) + 1))
    chance = np.clip(expit(place + shocks[:, cohort]) + shift, 0.0, 1.0)
    return (random.random(chance.shape) < chance).astype(float)


def _row(check: str, subject: str, count: int, value: float, low: float, high: float) -> dict[str, object]:
    return {
        "check": check,
        "subject": subject,
        "learners_count": count,
        "value": float(value),
        "low": float(low),
        "high": float(high),
        "is_alarm": bool(value > high),
        "detects_after_count": np.nan,
    }


def _table(rows: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(CHECK_COLUMNS))
