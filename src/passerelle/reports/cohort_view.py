"""A cohort's week in one compact line: who is there, what was handed in, and a small curve."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

import pandas as pd

from passerelle.reports.forecast_view import Outlook
from passerelle.reports.material import Row, records
from passerelle.reports.names import shown_name
from passerelle.reports.words import Words

WEEKS_COMPARED = 4
WEEKS_DRAWN = 12
CURVE_WIDTH, CURVE_HEIGHT = 320, 112
#: Room for the labels of the axes.
CURVE_LEFT, CURVE_RIGHT, CURVE_TOP, CURVE_BOTTOM = 40, 8, 8, 24
#: The curve's lowest value, unless the cohort fell deeper: a small wobble must not look like a collapse.
CURVE_FLOOR_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number of the cohort this Monday, and what it was four weeks earlier."""

    label: str
    now: str
    before: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A line: the SVG paths of line, area and past classes, the last point, and the words around it.

    Attributes
    ----------
    path, area, past : str
    last_x, last_y : float
    highest, lowest : str
        Labels of the vertical axis.
    first_week, last_week : str
        Labels of the horizontal one.
    description : str
        What it shows, in words.
    """

    path: str
    area: str
    past: str
    last_x: float
    last_y: float
    highest: str = ""
    lowest: str = ""
    first_week: str = ""
    last_week: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class CohortLine:
    """One cohort, as its coach reads it."""

    name: str
    note: str
    figures: tuple[Figure, ...]
    curve: Curve | None
    outlook: Outlook | None = None


def weeks_by_cohort(cohort_weeks: pd.DataFrame) -> dict[str, list[Row]]:
    """The weeks of ``mart_cohort_week`` that a line shows: of each cohort the last, oldest first."""
    ordered = records(cohort_weeks.sort_values(["cohort_id", "as_of_date"]))
    by_cohort = groupby(ordered, key=itemgetter("cohort_id"))
    return {cohort_id: list(weeks)[-WEEKS_DRAWN:] for cohort_id, weeks in by_cohort}


def cohort_line(
    weeks: Sequence[Row], *, cohort_id: str, title: str, words: Words, outlook: Outlook | None = None
) -> CohortLine:
    """The line of one cohort.

    Parameters
    ----------
    weeks : sequence of mapping
        From `weeks_by_cohort`; empty before the cohort's first Monday.
    cohort_id : str
    title : str
        Title of the training; empty when it has none.
    words : Words
    outlook : Outlook, optional
    """
    cohort_id, title = shown_name(cohort_id), shown_name(title)
    note = [title] if title else []
    if not weeks:
        return CohortLine(name=cohort_id, note=" · ".join(note), figures=(), curve=None, outlook=outlook)
    note.append(words.say("cohort.week", week=int(weeks[-1]["week_of_training"])))
    earlier = weeks[-1 - WEEKS_COMPARED] if len(weeks) > WEEKS_COMPARED else None
    return CohortLine(
        name=cohort_id,
        note=" · ".join(note),
        figures=tuple(_figures(weeks[-1], earlier, words)),
        curve=_curve(weeks, words),
        outlook=outlook,
    )


def _figures(now: Row, earlier: Row | None, words: Words) -> Iterator[Figure]:
    for name, written in FIGURES.items():
        value, before = written(now, words), written(earlier, words) if earlier else ""
        if value:
            yield Figure(label=words.say(f"cohort.{name}"), now=value, before=before)


def _active(week: Row, words: Words) -> str:
    return words.number(int(week["active_count"]))


def _attended(week: Row, words: Words) -> str:
    return _written_share(week["attended_share_4w"], words)


def _handed_in(week: Row, words: Words) -> str:
    return _written_share(week["handed_in_share"], words)


def _written_share(share: Any, words: Words) -> str:
    return "" if pd.isna(share) else words.share(float(share))


FIGURES: dict[str, Callable[[Row, Words], str]] = {
    "active": _active,
    "attended": _attended,
    "handed_in": _handed_in,
}


def _curve(weeks: Sequence[Row], words: Words) -> Curve | None:
    shares = {
        "attended": ("attended_share_4w", "past_attended_share_4w"),
        "online": ("active_on_platform_share_1w", "past_active_on_platform_share_1w"),
    }
    for name, columns in shares.items():
        own, past = ([_number(week[column]) for week in weeks] for column in columns)
        known, known_past = _known(own), _known(past)
        if len(known) > 1:
            low, high = words.share(min(known)), words.share(max(known))
            said = words.say(f"cohort.curve_{name}", count=len(own), low=low, high=high)
            if len(known_past) > 1:
                said += " " + words.say("cohort.curve_past", past=words.share(known_past[-1]))
            first, last = (
                words.say("cohort.week", week=int(week["week_of_training"])) for week in (weeks[0], weeks[-1])
            )
            return replace(
                drawn(own, past=past),
                highest=words.share(1),
                lowest=words.share(_floor(own, past)),
                first_week=first,
                last_week=last,
                description=said,
            )
    return None


def _number(share: Any) -> float:
    return math.nan if pd.isna(share) else float(share)


def _known(shares: list[float]) -> list[float]:
    return [share for share in shares if not math.isnan(share)]


def drawn(shares: list[float], *, past: list[float]) -> Curve:
    """A curve of shares between 0 and 1, oldest first, and that of past classes; a missing week (NaN) is bridged.

    The vertical axis ends at 1 and begins at `CURVE_FLOOR_SHARE`, or at the lowest share if that is lower.
    """
    floor = _floor(shares, past)
    points, past_points = _points(shares, floor), _points(past, floor)
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return Curve(
        path=path,
        area=f"{path}V{CURVE_HEIGHT - CURVE_BOTTOM}H{points[0][0]:.1f}Z",
        past="M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in past_points) if len(past_points) > 1 else "",
        last_x=round(points[-1][0], 1),
        last_y=round(points[-1][1], 1),
    )


def _floor(shares: list[float], past: list[float]) -> float:
    return min(CURVE_FLOOR_SHARE, *_known([*shares, *past]))


def _points(shares: list[float], floor: float) -> list[tuple[float, float]]:
    step = (CURVE_WIDTH - CURVE_LEFT - CURVE_RIGHT) / max(len(shares) - 1, 1)
    height = CURVE_HEIGHT - CURVE_TOP - CURVE_BOTTOM
    return [
        (CURVE_LEFT + week * step, CURVE_TOP + (1 - share) / (1 - floor) * height)
        for week, share in enumerate(shares)
        if not math.isnan(share)
    ]
