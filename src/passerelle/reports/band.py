"""How sure a score is, in words: so many of ten learners with a similar pattern, never a percentage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from passerelle.reports.report import Band
from passerelle.reports.words import Words
from passerelle.school import School


def band(row: Mapping[str, Any], *, school: School, words: Words) -> Band:
    """The band of one row of ``mart_risk_list``, and that it was close where the data cannot tell.

    The band is that of refits on other draws of the cohorts (``probability_low`` to ``probability_high``); without
    refits it is the score itself. By the plain rule there is none.
    """
    if row["basis"] != "model":
        return Band(sentence=words.say("band.plain_rule"), tenths=None)
    point = row["support_need_probability"]
    low, high = (
        _tenths(point if pd.isna(row.get(name)) else row[name])
        for name in ("probability_low", "probability_high")
    )
    said = _said(f"band.{school.model.ranked_by}", low, high, days=school.outcome.horizon_days, words=words)
    near = " " + words.say("band.near_cut") if row["is_listed"] and row.get("is_near_cut") is True else ""
    return Band(sentence=said + near, tenths=low, most_tenths=high)


def _said(key: str, low: int, high: int, *, days: int, words: Words) -> str:
    if low == high:
        end = {0: "_few", 10: "_nearly_all"}.get(low, "")
        return words.say(key + end, count=low, days=days)
    if low == 0:
        return words.say(f"{key}_up_to", count=high, days=days)
    return words.say(f"{key}_between", low=low, high=high, days=days)


def _tenths(probability: float) -> int:
    return min(max(int(float(probability) * 10 + 0.5), 0), 10)
