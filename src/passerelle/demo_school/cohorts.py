"""The school's plan: cohorts of about 25, starting on Mondays, over the campuses and the trainings."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from passerelle.demo_school.chance import day_number
from passerelle.demo_school.config import KnownSchool
from passerelle.demo_school.play import Play
from passerelle.demo_school.school_calendar import SchoolCalendar

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Cohorts:
    """One entry per cohort, in order of start.

    Attributes
    ----------
    code : numpy.ndarray of object
        Campus, year and number.
    start : numpy.ndarray of int64
        First day, a Monday (days since 1970).
    campus, training : numpy.ndarray of int64
        Position in the configuration.
    size : numpy.ndarray of int64
        Learners.
    """

    code: np.ndarray
    start: np.ndarray
    campus: np.ndarray
    training: np.ndarray
    size: np.ndarray

    def __len__(self) -> int:
        return len(self.start)


def plan_cohorts(play: Play, *, learners: int | None = None) -> Cohorts:
    """Plan the cohorts: the school's own rhythm, or as many as ``learners`` fill, over the same years."""
    school, generator = play.school, play.dice.stream("cohorts")
    slots = _slots(school)
    count = len(slots) if learners is None else max(1, round(learners / np.mean(school.cohort_size)))
    slot = np.arange(count) * len(slots) // count
    start = _mondays(slots[slot], generator, play.calendar)
    order = np.argsort(start, kind="stable")
    low, high = school.cohort_size
    campus = _dealt(len(school.campuses), count, generator)[order]
    size = generator.integers(low, high + 1, size=count)
    if learners is not None:
        size = _fitted(size, learners)
    return Cohorts(
        code=_codes(school, campus, start[order], play.dice.chunk),
        start=start[order],
        campus=campus,
        training=_dealt(len(school.trainings), count, generator)[order],
        size=size,
    )


def _slots(school: KnownSchool) -> np.ndarray:
    """First day of each equal part of every school year (from September) in the span."""
    years = range(school.first_start.year, school.last_start.year + 1)
    parts = np.arange(school.cohorts_per_school_year) * DAYS_PER_YEAR / school.cohorts_per_school_year
    days = np.concatenate([day_number(dt.date(year, 9, 1)) + parts for year in years]).astype(np.int64)
    return days[days <= day_number(school.last_start)]


def _mondays(slots: np.ndarray, generator: np.random.Generator, calendar: SchoolCalendar) -> np.ndarray:
    """A Monday on which school is open, within five weeks of each slot's first day."""
    days = slots + 7 * generator.integers(0, 5, size=len(slots))
    mondays = days + (-(days + 3)) % 7
    for _ in range(3):
        mondays = np.where(calendar.is_open(mondays), mondays, mondays + 7)
    return mondays


def _dealt(kinds: int, count: int, generator: np.random.Generator) -> np.ndarray:
    """Kinds dealt like cards, so that each turns up equally often."""
    rounds = math.ceil(count / kinds)
    return generator.permuted(np.tile(np.arange(kinds), (rounds, 1)), axis=1).ravel()[:count]


def _fitted(size: np.ndarray, learners: int) -> np.ndarray:
    """Sizes that add up to the learners asked for, spread evenly."""
    total = np.cumsum(size) * learners // size.sum()
    return np.diff(total, prepend=0)


def _codes(school: KnownSchool, campus: np.ndarray, start: np.ndarray, chunk: int) -> np.ndarray:
    year = start.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    number = pd.DataFrame({"campus": campus, "year": year}).groupby(["campus", "year"]).cumcount() + 1
    names = pd.Series([place.code for place in school.campuses])[campus].reset_index(drop=True)
    texts = names + "-" + pd.Series(year).astype(str) + "-" + number.astype(str).str.zfill(2)
    return (texts + (f"-C{chunk}" if chunk else "")).to_numpy(dtype=object)
