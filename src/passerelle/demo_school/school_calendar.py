"""Which days the school is open, and what its clock says."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from passerelle.demo_school.chance import day_number

DAY = 86_400
FIXED_HOLIDAYS = ((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25))
AFTER_EASTER = (1, 39, 50)  # Easter Monday, Ascension Day, Whit Monday


class SchoolCalendar:
    """Belgian working days without the Christmas break, and local time to UTC, for a span of years.

    Parameters
    ----------
    first, last : datetime.date
        The span needed; a year is added on both sides, and two more at the end for what follows training.
    time_zone : str
        The school's time zone.
    """

    def __init__(self, first: dt.date, last: dt.date, time_zone: str) -> None:
        years = range(first.year - 1, last.year + 4)
        self._base = day_number(dt.date(years[0], 1, 1))
        days = pd.date_range(dt.date(years[0], 1, 1), dt.date(years[-1], 12, 31), freq="D")
        noon = (days + pd.Timedelta(hours=12)).tz_localize(time_zone)
        self._utc_offset = np.asarray(_ahead_of_utc(noon), dtype=np.int64)
        self._is_open = ~(days.day_of_week.isin([5, 6]) | days.isin(_closed_days(years)))

    def is_open(self, days: np.ndarray) -> np.ndarray:
        """Whether there is class on each day (days since 1970)."""
        return self._is_open[days - self._base]

    def to_utc(self, local_seconds: np.ndarray) -> np.ndarray:
        """UTC seconds of local seconds since 1970; exact for daytime hours."""
        last = len(self._utc_offset) - 1
        return local_seconds - self._utc_offset[np.minimum(local_seconds // DAY - self._base, last)]

    def midnight_utc(self, date: dt.date) -> int:
        """UTC seconds of local midnight at the start of a day."""
        day = day_number(date)
        return day * DAY - int(self._utc_offset[day - 1 - self._base])


def _closed_days(years: range) -> pd.DatetimeIndex:
    fixed = [dt.date(year, month, day) for year in years for month, day in FIXED_HOLIDAYS]
    moving = [_easter(year) + dt.timedelta(days=days) for year in years for days in AFTER_EASTER]
    christmas = [dt.date(year, 12, 24) + dt.timedelta(days=days) for year in years for days in range(10)]
    return pd.DatetimeIndex(sorted(set(fixed + moving + christmas)))


def _easter(year: int) -> dt.date:
    return (pd.Timestamp(year, 1, 1) + pd.offsets.Easter()).date()


def _ahead_of_utc(moments: pd.DatetimeIndex) -> pd.Index:
    return (moments.tz_localize(None) - moments.tz_convert(None)).total_seconds()
