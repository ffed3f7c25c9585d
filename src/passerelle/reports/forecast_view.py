"""Where the placement rate of a cohort, a campus or the school may end, beside the aim: one sentence and one bar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

from passerelle.reports.material import Row, records
from passerelle.reports.words import Words

#: The forecast of one scope, by kind ("cohort", "campus", "school") and identifier.
Forecasts = Mapping[tuple[str, str], Row]

BAR_WIDTH, BAR_HEIGHT, BAR_MARGIN = 320, 58, 8
#: A label of the bar's end gives way to that of the forecast when it is nearer than this.
_ROOM_FOR_LABEL = 34
#: An interval wider than this says nothing that a coach could use.
WIDEST_SHARE = 0.9
#: A thousand futures are no ground for calling a chance smaller than this, or larger than one less it.
_LEAST_CHANCE = 0.01


class Cell(NamedTuple):
    """A piece of the bar between two marks: its width in per cent, whether it is likely, and the mark at its end."""

    width: int
    is_likely: bool
    mark: str


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """A forecast: the sentence, and where low, expected, high and aim lie on the bar.

    Attributes
    ----------
    sentence : str
    low_x, expected_x, high_x, aim_x : float
        On the bar of the page.
    expected, aim : str
        Labels of two of them.
    ends : tuple
        Place and label of the ends of the bar, where there is room.
    cells : tuple of Cell
        The same bar for a mail, which has no drawing.
    """

    sentence: str
    low_x: float
    expected_x: float
    high_x: float
    aim_x: float
    expected: str
    aim: str
    ends: tuple[tuple[float, str], ...]
    cells: tuple[Cell, ...]


def by_scope(forecasts: pd.DataFrame) -> Forecasts:
    """Rows of ``mart_cohort_forecast`` of one Monday by what they are of; those that say nothing are left out."""
    known = forecasts.dropna(subset=["expected_share", "low_share", "high_share"])
    return {(row["scope_kind"], row["scope_id"]): row for row in records(known)}


def outlook(forecast: Row | None, *, aim: float, days: int, words: Words) -> Outlook | None:
    """The forecast of one cohort, campus or the school in words and on a bar; None where it could not be used.

    Parameters
    ----------
    forecast : mapping or None
        From `by_scope`.
    aim : float
        The school's target rate, 0 to 1.
    days : int
        Horizon within which work counts.
    words : Words
    """
    if forecast is None or forecast["high_share"] - forecast["low_share"] > WIDEST_SHARE:
        return None
    low, expected, high = (float(forecast[f"{name}_share"]) for name in ("low", "expected", "high"))
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
        expected=words.share(expected),
        aim=words.say("forecast.aim", aim=words.share(aim)),
        ends=tuple(
            (_x(end), words.share(end)) for end in (0, 1) if abs(_x(end) - _x(expected)) > _ROOM_FOR_LABEL
        ),
        cells=tuple(_cells(low, expected, high, aim)),
    )


def heads_missing(forecast: Row | None, *, aim: float, days: int, words: Words) -> str:
    """How many more would have to find work for the aim to be reached; empty where none, or nothing is forecast.

    Parameters
    ----------
    forecast, aim, days, words
        As of `outlook`.
    """
    missing = int(forecast["heads_missing"]) if forecast else 0
    return words.say("forecast.missing", count=missing, aim=words.share(aim), days=days) if missing else ""


def chance(forecast: Row | None, *, words: Words) -> str:
    """How likely the aim is, and how much the listed learners matter: how likely it were if each of them found work.

    Futures that all end alike are no certainty: less than one per cent, or more than ninety-nine. Empty where nothing
    is forecast.

    Parameters
    ----------
    forecast, words
        As of `outlook`.
    """
    if forecast is None:
        return ""
    now, if_listed = (
        _never_certain(float(forecast[name]), words)
        for name in ("chance_target_holds", "chance_if_listed_placed")
    )
    listed = int(forecast["listed_count"])
    if not listed:
        return words.say("forecast.chance", chance=now)
    return words.say("forecast.chance_if_listed", count=listed, chance=now, listed=if_listed)


def _never_certain(chance: float, words: Words) -> str:
    if chance < _LEAST_CHANCE:
        return words.say("forecast.less_than", share=words.share(_LEAST_CHANCE))
    if chance > 1 - _LEAST_CHANCE:
        return words.say("forecast.more_than", share=words.share(1 - _LEAST_CHANCE))
    return words.share(chance)


def _cells(low: float, expected: float, high: float, aim: float) -> Iterator[Cell]:
    marks = {round(100 * expected): "expected", round(100 * aim): "aim"}
    edges = sorted({0, round(100 * low), round(100 * high), 100, *marks})
    for start, end in pairwise(edges):
        yield Cell(end - start, round(100 * low) <= start < round(100 * high), marks.get(end, ""))


def _x(share: float) -> float:
    return round(BAR_MARGIN + share * (BAR_WIDTH - 2 * BAR_MARGIN), 1)
