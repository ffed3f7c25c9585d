"""Learn from the past, judge on later cohorts: rolling origins with a label-maturity gap.

Worked example, day 14, cohorts that start each February and October and take eight months: the cohort of
October 2014 is judged on Monday 20 October 2014 by a model of the cohorts whose outcomes were known before
that Monday: February 2013, October 2013 and February 2014. For the cohort of February 2014 only that of
February 2013 counts: the one of October 2013 is still running.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from support_need.maturing import as_known


@dataclass(frozen=True)
class Split:
    """Cohorts to learn from and cohorts to be judged on, for one day of training."""

    day: int
    learned_at: pd.Timestamp
    train_cohorts: tuple[str, ...]
    test_cohorts: tuple[str, ...]


def rolling_origins(
    calendar: pd.DataFrame,
    *,
    day: int,
    started_from: dt.date | None = None,
    known_before: dt.date | pd.Timestamp,
    fewest_enrolments: int,
) -> list[Split]:
    """Split for one day of training: later cohorts by half-year, each judged after all that was mature then.

    Parameters
    ----------
    calendar : pandas.DataFrame
        As ``targets.cohort_calendar`` gives it.
    day : int
        Days after the start, a multiple of seven.
    started_from : datetime.date, optional
        Judge on cohorts that started on or after this date.
    known_before : datetime.date
        Cohorts mature on this Monday or later do not exist yet.
    fewest_enrolments : int
        A split with fewer enrolments in mature cohorts to learn from is left out.

    Raises
    ------
    ValueError
        The day is not a Monday of training.
    """
    if day % 7 or day <= 0:
        raise ValueError(
            f"day {day} is no Monday of training; allowed: 7, 14, 21, ...; fix: [model.backtest] days"
        )
    mature = calendar[calendar["mature_at"] < pd.Timestamp(known_before)]
    tested = mature[mature["start_date"] >= pd.Timestamp(started_from)] if started_from else mature
    half_year = tested["start_date"].dt.year * 2 + (tested["start_date"].dt.month > 6)
    splits = []
    for _, block in tested.groupby(half_year):
        learned_at = block["start_date"].min() + pd.Timedelta(days=day)
        known = mature[mature["mature_at"] < learned_at]
        learned = calendar.index[calendar["learnable_at"] < learned_at]
        if known["enrolments_count"].sum() >= fewest_enrolments:
            splits.append(Split(day, learned_at, tuple(learned), tuple(block.index)))
    return splits


def training_cases(cases: pd.DataFrame, split: Split, *, stage: int) -> pd.DataFrame:
    """Cases of one stage to learn from."""
    known = known_cases(cases, split)
    return known[known["stage"] == stage]


def known_cases(cases: pd.DataFrame, split: Split) -> pd.DataFrame:
    """Cases to learn from, as known by then, and nobody who is also judged."""
    tested = cases["cohort_id"].isin(split.test_cohorts)
    judged_learners = cases.loc[tested, "learner_id"].unique()
    others = cases["cohort_id"].isin(split.train_cohorts) & ~cases["learner_id"].isin(judged_learners)
    return as_known(cases[others], split.learned_at)


def learnable_cases(cases: pd.DataFrame, calendar: pd.DataFrame, monday: pd.Timestamp) -> pd.DataFrame:
    """All that may be learned from on a Monday, as known by then."""
    cohorts = calendar.index[calendar["learnable_at"] < monday]
    return as_known(cases[cases["cohort_id"].isin(cohorts)], monday)


def judged_cases(cases: pd.DataFrame, split: Split) -> pd.DataFrame:
    """Cases to be judged on: the Monday of that day, whatever their outcome became."""
    on_the_day = cases["cohort_id"].isin(split.test_cohorts) & (cases["week_of_training"] == split.day // 7)
    return cases[on_the_day & cases["is_bad"].notna()]


def stage_of(week: np.ndarray | int, starts: tuple[int, ...]) -> np.ndarray:
    """Find the stage, from 0, that a week of training falls in."""
    return np.searchsorted(np.asarray(starts), week, side="right") - 1
