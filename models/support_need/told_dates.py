"""Days of the calendar in a coach's language: what a fact is dated with.

A day carries its year only where a period or the Monday of the report lies in another one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pandas as pd
from babel.dates import format_date

#: Spelling, dates and plurals of the place where the reader is.
LOCALES = {"fr": "fr_BE", "nl": "nl_BE", "en": "en_GB"}
_PERIODS = {
    "fr": "du {first} au {last}",
    "nl": "van {first} tot en met {last}",
    "en": "from {first} to {last}",
}


def told_dates(row: Mapping[str, Any], *, weeks: int | None, language: str) -> dict[str, str]:
    """Work out the dates that a sentence can name, from the as-of Monday and the window of its feature.

    Parameters
    ----------
    row : mapping
        One row of ``mart_risk_list``: ``as_of_date``, and where they are known ``start_date`` and ``last_due_date``.
    weeks : int or None
        Weeks before the Monday that the feature looks back on; None when it looks back to the start.
    language : str
        ``fr``, ``nl`` or ``en``.

    Returns
    -------
    dict
        ``until``, the last day that counts; ``period`` where there is a window; ``start`` and ``due`` where known.
    """
    as_of = _day(row, "as_of_date")
    if as_of is None:
        return {}
    until = as_of - dt.timedelta(days=1)
    dates = {"until": _written(until, language, "EEEE d MMMM")}
    if weeks is not None:
        dates["period"] = period(as_of - dt.timedelta(weeks=weeks), until, language)
    for name, column in (("start", "start_date"), ("due", "last_due_date")):
        day = _day(row, column)
        if day is not None:
            dates[name] = _written(day, language, "d MMMM" if day.year == until.year else "d MMMM y")
    return dates


def short_day(day: dt.date, language: str) -> str:
    """A day in a narrow column: ``5 Nov``."""
    return _written(day, language, "d MMM")


def period(first: dt.date, last: dt.date, language: str) -> str:
    """Say from which day to which: ``from Monday 5 to Sunday 18 May``.

    >>> period(dt.date(2026, 12, 28), dt.date(2027, 1, 24), "nl")
    'van maandag 28 december 2026 tot en met zondag 24 januari 2027'
    """
    year = "" if first.year == last.year else " y"
    is_one_month = (first.year, first.month) == (last.year, last.month)
    return _PERIODS[language].format(
        first=_written(first, language, "EEEE d" if is_one_month else f"EEEE d MMMM{year}"),
        last=_written(last, language, f"EEEE d MMMM{year}"),
    )


@lru_cache(maxsize=4096)
def _written(day: dt.date, language: str, pattern: str) -> str:
    return format_date(day, pattern, locale=LOCALES[language])


def _day(row: Mapping[str, Any], column: str) -> dt.date | None:
    value = row.get(column)
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date()
