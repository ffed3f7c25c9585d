"""A cohort's week in one compact line: who is there, what was handed in, and a small curve."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from passerelle.reports.words import Words

WEEKS_COMPARED = 4
WEEKS_DRAWN = 12
CURVE_WIDTH, CURVE_HEIGHT, CURVE_MARGIN = 160, 36, 4
#: The curve's lowest value, unless the cohort fell deeper: a small wobble must not look like a collapse.
CURVE_FLOOR_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number of the cohort's last week, and what it was four weeks earlier."""

    label: str
    now: str
    before: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A small line: one SVG path, its last point, and what it shows in words."""

    path: str
    last_x: float
    last_y: float
    description: str


@dataclass(frozen=True, kw_only=True)
class CohortLine:
    """One cohort, as its coach reads it."""

    name: str
    note: str
    figures: tuple[Figure, ...]
    curve: Curve | None


def cohort_line(weeks: pd.DataFrame, *, cohort_id: str, title: str | None, words: Words) -> CohortLine:
    """The line of one cohort.

    Parameters
    ----------
    weeks : pandas.DataFrame
        Rows of ``mart_cohort_week`` of this cohort up to the Monday; may be empty before its first week.
    cohort_id : str
    title : str or None
        Title of the training.
    words : Words
    """
    rows = weeks.sort_values("as_of_date").to_dict("records")
    note = [title] if isinstance(title, str) else []
    if not rows:
        return CohortLine(name=cohort_id, note=" · ".join(note), figures=(), curve=None)
    note.append(words.say("cohort.week", week=int(rows[-1]["week_of_training"])))
    earlier = rows[-1 - WEEKS_COMPARED] if len(rows) > WEEKS_COMPARED else None
    return CohortLine(
        name=cohort_id,
        note=" · ".join(note),
        figures=tuple(_figures(rows[-1], earlier, words)),
        curve=_curve(rows[-WEEKS_DRAWN:], words),
    )


def _figures(now: dict[str, Any], earlier: dict[str, Any] | None, words: Words) -> list[Figure]:
    shown = {"active": _active, "attendance": _attendance, "handed_in": _handed_in}
    figures = []
    for name, written in shown.items():
        value, before = written(now, words), written(earlier, words) if earlier else ""
        if value:
            compared = words.say("cohort.four_weeks_before", value=before) if before else ""
            figures.append(Figure(label=words.say(f"cohort.{name}"), now=value, before=compared))
    return figures


def _active(week: dict[str, Any], words: Words) -> str:
    return words.number(int(week["active_count"]))


def _attendance(week: dict[str, Any], words: Words) -> str:
    share = week["attendance_share"]
    return "" if pd.isna(share) else words.share(float(share))


def _handed_in(week: dict[str, Any], words: Words) -> str:
    due, handed_in = week["due_1w_count"], week["handed_in_of_due_1w_count"]
    if pd.isna(due):
        return ""
    if not due:
        return words.say("cohort.nothing_due")
    return words.say("cohort.part", part=int(handed_in), whole=int(due))


def _curve(rows: list[dict[str, Any]], words: Words) -> Curve | None:
    for name, column in (("attendance", "attendance_share"), ("activity", "seen_online_share")):
        shares = [math.nan if pd.isna(row[column]) else float(row[column]) for row in rows]
        known = [value for value in shares if not math.isnan(value)]
        if len(known) > 1:
            low, high = words.share(min(known)), words.share(max(known))
            said = words.say(f"cohort.trend_{name}", count=len(rows), low=low, high=high)
            return drawn(shares, said)
    return None


def drawn(shares: list[float], description: str) -> Curve:
    """A curve of shares between 0 and 1, oldest first; a missing week (NaN) leaves a gap.

    The vertical axis ends at 1 and begins at one half, or at the lowest share if that is lower.
    """
    floor = min([CURVE_FLOOR_SHARE, *(value for value in shares if not math.isnan(value))])
    step = (CURVE_WIDTH - 2 * CURVE_MARGIN) / max(len(shares) - 1, 1)
    height = CURVE_HEIGHT - 2 * CURVE_MARGIN
    commands, pen, last = [], "M", (0.0, 0.0)
    for index, value in enumerate(shares):
        if math.isnan(value):
            pen = "M"
            continue
        last = (CURVE_MARGIN + index * step, CURVE_MARGIN + (1 - value) / (1 - floor) * height)
        commands.append(f"{pen}{last[0]:.1f} {last[1]:.1f}")
        pen = "L"
    return Curve(path="".join(commands), last_x=round(last[0], 1), last_y=round(last[1], 1), description=description)
