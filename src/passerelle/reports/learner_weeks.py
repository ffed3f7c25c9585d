"""A listed learner's last weeks, as each Monday's data told them: a strip of bars, and the same in a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from passerelle.reports.material import Row
from passerelle.reports.words import Words
from support_need.told_dates import period, short_day

WEEKS_SHOWN = 8
BAR_WIDTH, BAR_HEIGHT, BAR_STEP = 16, 28, 21
STRIP_WIDTH, STRIP_HEIGHT = WEEKS_SHOWN * BAR_STEP, BAR_HEIGHT + 14
#: What is known of each week, beside its first day.
COUNTS = ("planned_half_days", "attended_half_days", "open_assignments", "active_days")
#: Columns of the table; the first of them that is known, and is a part of a whole, is drawn.
TABLE = ("attended", "open", "online")


class Bar(NamedTuple):
    """One week of the strip: where it stands, how much of it is filled, and what is written below."""

    x: int
    y: float
    height: float
    below: str


class WeekRow(NamedTuple):
    """One week of the table."""

    week: str
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LearnerWeeks:
    """The last weeks of one learner.

    Attributes
    ----------
    bars : tuple of Bar
        One per week, oldest first.
    caption : str
        What the bars are, and of which weeks.
    spoken : str
        The strip for who does not see it.
    headings : tuple of str
    rows : tuple of WeekRow
    """

    bars: tuple[Bar, ...]
    caption: str
    spoken: str
    headings: tuple[str, ...]
    rows: tuple[WeekRow, ...]


class _Week(NamedTuple):
    first_day: dt.date
    planned: int | None
    attended: int | None
    open: int | None
    active: int | None

    def parts(self, measure: str) -> tuple[int, int] | None:
        """How many of how many: half-days attended, or days seen online; None where it is not known."""
        part, whole = {"attended": (self.attended, self.planned), "online": (self.active, 7)}[measure]
        return None if part is None or not whole else (min(part, whole), whole)

    def cell(self, column: str, words: Words) -> str:
        """What the table says of it."""
        if column == "open":
            return "" if self.open is None else words.number(self.open)
        parts = self.parts(column)
        return words.say("weeks.part", part=parts[0], whole=parts[1]) if parts else ""


def learner_weeks(row: Row, words: Words) -> LearnerWeeks | None:
    """The last weeks of one learner; None where nothing is known of them.

    A correction of earlier weeks can make a week's count negative: then it says nothing, as one that is not known.

    Parameters
    ----------
    row : mapping
        ``week_first_days`` and the lists of `COUNTS`, one entry per week, oldest first.
    words : Words
    """
    weeks = list(_weeks(row))
    cells = {column: [week.cell(column, words) for week in weeks] for column in TABLE}
    columns = [column for column in TABLE if any(cells[column])]
    drawn = next((column for column in columns if column != "open"), None)
    if drawn is None:
        return None
    last_day = weeks[-1].first_day + dt.timedelta(days=6)
    caption = words.say(f"weeks.{drawn}", period=period(weeks[0].first_day, last_day, words.language))
    told = words.listing(cell or "–" for cell in cells[drawn])
    return LearnerWeeks(
        bars=tuple(_bar(place, week, drawn) for place, week in enumerate(weeks)),
        caption=" ".join([caption, words.say("weeks.open_below")]) if "open" in columns else caption,
        spoken=words.say("report.pair", label=caption.rstrip("."), value=told),
        headings=tuple(words.say(f"weeks.column_{column}") for column in columns),
        rows=tuple(
            WeekRow(
                short_day(week.first_day, words.language),
                tuple(cells[column][place] or "–" for column in columns),
            )
            for place, week in reversed(list(enumerate(weeks)))
        ),
    )


def _weeks(row: Row) -> Iterator[_Week]:
    days: Any = row.get("week_first_days")
    if days is None or isinstance(days, float):
        return
    for day, *counts in zip(days, *(row[column] for column in COUNTS), strict=True):
        yield _Week(dt.date.fromisoformat(day), *(int(count) if count >= 0 else None for count in counts))


def _bar(place: int, week: _Week, drawn: str) -> Bar:
    part, whole = week.parts(drawn) or (0, 1)
    height = round(part / whole * BAR_HEIGHT, 1)
    below = "" if week.open is None else str(week.open)
    return Bar(place * BAR_STEP + 2, round(BAR_HEIGHT - height, 1), height, below)
