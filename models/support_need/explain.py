"""Why a learner is listed: terms of the very sum that ranks, in the coach's language.

Only what a learner can still change becomes a reason, and only where it is worse than the cohort's usual;
a strength is the mirror image. At most one reason per topic, so that the same fact is not told twice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from support_need.feature import Feature
from support_need.features import BY_NAME, FEATURES
from support_need.pipeline import FittedTarget
from support_need.rule import CONDITIONS, POINTS_OF
from support_need.sentences import LANGUAGES
from support_need.told_dates import told_dates

MOST_REASONS = 3
#: A term that moves the logit by less is not worth a coach's minute (0.1 is at most 2.5 percentage points,
#: and 3.7 where the outcome takes months).
LEAST_TERM = 0.1
REASON_COLUMNS = tuple(f"reason_{number}_code" for number in range(1, MOST_REASONS + 1))
STRENGTH_COLUMN = "strength_1_code"

_DIFFERENCES = {
    "missed_count_4w": ("planned_half_days_count_4w", "attended_half_days_count_4w"),
    "missed_count": ("planned_half_days_count", "attended_half_days_count"),
    "on_time_count": ("handed_in_count", "late_hand_in_count"),
}
_CHANGEABLE = tuple(feature for feature in FEATURES if feature.is_changeable)
_TOPICS = tuple(dict.fromkeys(feature.topic for feature in _CHANGEABLE))


def reasons(fitted: FittedTarget, rows: pd.DataFrame) -> pd.DataFrame:
    """Codes of at most three reasons and one strength.

    Parameters
    ----------
    fitted : FittedTarget
        The shipped candidate.
    rows : pandas.DataFrame
        As ``pipeline.prepare`` gives them.

    Returns
    -------
    pandas.DataFrame
        Same index; ``reason_1_code`` to ``reason_3_code``, the weightiest first, and ``strength_1_code``; null
        where there is none.
    """
    terms = _rule_terms(rows) if fitted.basis == "plain_rule" else fitted.contributions(rows)
    worse, better = (_by_topic(terms, rows, direction=direction) for direction in (1, -1))
    codes, weight = worse
    order = np.argsort(-weight, axis=1, kind="stable")[:, :MOST_REASONS]
    chosen = np.take_along_axis(codes, order, axis=1)
    chosen[np.take_along_axis(weight, order, axis=1) < LEAST_TERM] = None
    found = pd.DataFrame(chosen, index=rows.index, columns=list(REASON_COLUMNS))
    return found.assign(**{STRENGTH_COLUMN: _strength(better, told=weight >= LEAST_TERM)}).astype("str")


def _by_topic(terms: pd.DataFrame, rows: pd.DataFrame, *, direction: int) -> tuple[np.ndarray, np.ndarray]:
    """Per row and topic: the feature that speaks loudest in one direction, and how loud."""
    codes = np.empty((len(rows), len(_TOPICS)), dtype=object)
    weight = np.zeros((len(rows), len(_TOPICS)))
    for feature in _CHANGEABLE:
        if feature.name not in terms:
            continue
        topic = _TOPICS.index(feature.topic)
        loudness = np.where(
            _is_told(feature, rows, direction), direction * terms[feature.name].to_numpy(), 0.0
        )
        louder = loudness > weight[:, topic]
        codes[louder, topic], weight[louder, topic] = feature.name, loudness[louder]
    return codes, weight


def _is_told(feature: Feature, rows: pd.DataFrame, direction: int) -> np.ndarray:
    """Tell whether the fact itself points that way, beside the cohort's usual."""
    side = direction * feature.sign * rows[feature.name].to_numpy()
    return side > 0


def _rule_terms(rows: pd.DataFrame) -> pd.DataFrame:
    """Points of the rule as terms; a condition that is known and gives none counts for the learner."""
    terms = {
        name: np.where(
            rows[name].isna(), 0.0, np.where(rows[POINTS_OF + name] > 0, rows[POINTS_OF + name], -1.0)
        )
        for name in CONDITIONS
    }
    return pd.DataFrame(terms, index=rows.index)


def _strength(better: tuple[np.ndarray, np.ndarray], *, told: np.ndarray) -> np.ndarray:
    codes, weight = better
    weight = np.where(told, 0.0, weight)
    best = weight.argmax(axis=1)
    everyone = np.arange(len(best))
    chosen = codes[everyone, best]
    chosen[weight[everyone, best] < LEAST_TERM] = None
    return chosen


def facts(row: Mapping[str, Any]) -> dict[str, int]:
    """Work out the counts that the sentences name, from one row of the panel (or of ``mart_risk_list``)."""
    numbers = {name: float(value) for name, value in row.items() if isinstance(value, Real)}
    counts = {name: round(value) for name, value in numbers.items() if not math.isnan(value)}
    for name, (whole, part) in _DIFFERENCES.items():
        if whole in counts and part in counts:
            counts[name] = counts[whole] - counts[part]
    if counts.get("scored_count") and "score_pct_sum" in counts:
        counts["score_pct_mean"] = round(numbers["score_pct_sum"] / numbers["scored_count"])
    return counts


def sentence(code: str, language: str, row: Mapping[str, Any], *, strength: bool = False) -> str:
    """Say a reason or a strength aloud.

    Parameters
    ----------
    code : str
        Name of a feature.
    language : str
        ``fr``, ``nl`` or ``en``.
    row : mapping
        One row of ``mart_risk_list``: the counts, the as-of Monday and the dates of the start and the last work due.
    strength : bool, default False
        Say it as a strength.

    Raises
    ------
    ValueError
        An unknown code or language, or a count or date that the row lacks.
    """
    if code not in BY_NAME or language not in LANGUAGES:
        raise ValueError(
            f"no sentence for '{code}' in '{language}'; allowed: {', '.join(BY_NAME)}; {', '.join(LANGUAGES)}"
        )
    feature = BY_NAME[code]
    template = feature.sentences[language][int(strength)]
    if language == "fr":
        template = template.replace(" :", "\N{NO-BREAK SPACE}:")
    try:
        return template.format_map(facts(row) | told_dates(row, weeks=feature.weeks, language=language))
    except KeyError as missing:
        raise ValueError(
            f"the sentence of '{code}' needs the fact {missing}, which the row lacks"
        ) from missing
