"""Where the placement rate of a cohort may end, beside the school's aim: one sentence and one bar."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from passerelle.reports.words import Words

BAR_WIDTH, BAR_HEIGHT = 160, 26
#: An interval wider than this says nothing that a coach could use.
WIDEST_SHARE = 0.9


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """A cohort's forecast: the sentence, and where low, expected, high and aim lie on the bar."""

    sentence: str
    low_x: float
    expected_x: float
    high_x: float
    aim_x: float


def outlook(
    forecasts: pd.DataFrame, *, cohort_id: str, aim: float, days: int, words: Words
) -> Outlook | None:
    """The forecast of one cohort; None where there is none.

    Parameters
    ----------
    forecasts : pandas.DataFrame
        Rows of ``mart_cohort_forecast`` of the Monday.
    cohort_id : str
    aim : float
        The school's target rate, 0 to 1.
    days : int
        Horizon within which work counts.
    words : Words
    """
    of_cohort = forecasts[(forecasts["scope_kind"] == "cohort") & (forecasts["scope_id"] == cohort_id)]
    known = of_cohort.dropna(subset=["expected_share", "low_share", "high_share"])
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


def _x(share: float) -> float:
    return round(4 + share * (BAR_WIDTH - 8), 1)
