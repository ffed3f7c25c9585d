"""Where the placement rate of a cohort, a campus or the school may end, beside the aim: one sentence and one bar."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from passerelle.reports.words import Words

BAR_WIDTH, BAR_HEIGHT = 160, 26
#: An interval wider than this says nothing that a coach could use.
WIDEST_SHARE = 0.9


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """A forecast: the sentence, and where low, expected, high and aim lie on the bar."""

    sentence: str
    low_x: float
    expected_x: float
    high_x: float
    aim_x: float


def outlook(
    forecasts: pd.DataFrame, *, kind: str, scope_id: str, aim: float, days: int, words: Words
) -> Outlook | None:
    """The forecast of one cohort, campus or the school; None where there is none.

    Parameters
    ----------
    forecasts : pandas.DataFrame
        Rows of ``mart_cohort_forecast`` of the Monday.
    kind : {"cohort", "campus", "school"}
    scope_id : str
    aim : float
        The school's target rate, 0 to 1.
    days : int
        Horizon within which work counts.
    words : Words
    """
    known = _of(forecasts, kind, scope_id)
    if known.empty or known.iloc[0]["high_share"] - known.iloc[0]["low_share"] > WIDEST_SHARE:
        return None
    low, expected, high = (float(known.iloc[0][f"{name}_share"]) for name in ("low", "expected", "high"))
    return Outlook(
        sentence=words.say(
            "forecast.sentence",
            share=words.share(expected),
            low=words.share(low),
            high=words.share(high),
            aim=words.share(aim),
            days=days,
        ),
        low_x=_x(low),
        expected_x=_x(expected),
        high_x=_x(high),
        aim_x=_x(aim),
    )


def heads_missing(
    forecasts: pd.DataFrame, *, kind: str, scope_id: str, aim: float, days: int, words: Words
) -> str:
    """How many more would have to find work for the aim to be reached; empty where none, or nothing is forecast.

    Parameters
    ----------
    forecasts, kind, scope_id, aim, days, words
        As of `outlook`.
    """
    known = _of(forecasts, kind, scope_id)
    missing = 0 if known.empty else int(known.iloc[0]["heads_missing"])
    return words.say("forecast.missing", count=missing, aim=words.share(aim), days=days) if missing else ""


def _of(forecasts: pd.DataFrame, kind: str, scope_id: str) -> pd.DataFrame:
    chosen = forecasts[(forecasts["scope_kind"] == kind) & (forecasts["scope_id"] == scope_id)]
    return chosen.dropna(subset=["expected_share", "low_share", "high_share"])


def _x(share: float) -> float:
    return round(4 + share * (BAR_WIDTH - 8), 1)
