"""The test of a release: choose and learn on the past, then open the test cohorts once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import pandas as pd

from support_need.candidates import fit_logistic, one_thread
from support_need.capacity import PLACES, places, tables
from support_need.choose import choose, competitors, weighed
from support_need.evaluate import judge, labelled_cases, paired_differences, splits_of, with_intervals
from support_need.pipeline import prepare
from support_need.recalibrate import recalibrated, recalibration
from support_need.spec import CANDIDATES, LOGISTIC
from support_need.splits import Split, learnable_cases
from support_need.stability import week_to_week
from support_need.transport import leave_one_campus_out

WITHOUT = "logistic_without"


@one_thread
def backtest(
    frame: pd.DataFrame,
    labels: pd.DataFrame,
    *,
    days: Iterable[int],
    test_cohorts_started_from: dt.date,
    as_of: dt.date,
    capacity: int,
    owner: pd.Series | None = None,
    target: str = "completes",
    horizon_days: int | None = None,
    min_mature_enrolments: int = 150,
    before_test: bool = False,
    without: Sequence[str] = (),
) -> dict[str, Any]:
    """Train on the past and judge on the test cohorts; the shipped candidate is chosen without them.

    The choice, and whether its level is moved, look at every earlier cohort whose outcomes were known on that day of
    the first test cohort.

    Parameters
    ----------
    frame, labels : pandas.DataFrame
        Rows of ``fct_enrolment_week`` and ``fct_enrolment_target``.
    days : iterable of int
        Days after the start of a cohort, multiples of seven: day 28 is the Monday of week 4.
    test_cohorts_started_from : datetime.date
        Cohorts that started from this date on judge, and are not learned from before they are mature.
    as_of : datetime.date
        Monday that knows the outcomes.
    capacity : int
        Names a coach has hours for each week.
    owner : pandas.Series, optional
        Index enrolment_id: its coach; a cohort without one is a list of its own.
    target : str, default ``"completes"``
        What is predicted.
    horizon_days : int, optional
        As ``spec.Choices`` says.
    min_mature_enrolments : int, default 150
        A split with fewer enrolments to learn from is left out.
    before_test : bool, default False
        Judge on those earlier cohorts instead, and leave the test cohorts closed.
    without : sequence of str
        Features to leave out of the logistic model once more, to tell what they are worth.

    Returns
    -------
    dict
        ``target``, ``shipped`` (a name), ``why`` the plain rule ships if it does, ``days`` (its figures, a row per day,
        with 95 % ``intervals`` by resampling cohorts), ``candidates`` (the same for each), ``shipped_less_candidate``
        (per candidate and day, the paired difference and its interval), ``competitors``, ``recalibration``, what
        ``capacity.tables`` gives, ``week_to_week``, ``transport`` and, with ``without``, ``logistic_less_without`` (a
        row per day).
    """
    days = tuple(days)
    rows = prepare(frame)
    rows = rows.assign(**{PLACES: places(rows, owner=owner, capacity=capacity)})
    cases, calendar = labelled_cases(rows, labels, target=target, horizon_days=horizon_days)
    before, after = _before_and_after(
        calendar, days=days, first=test_cohorts_started_from, as_of=as_of, fewest=min_mature_enrolments
    )
    earlier = judge(cases, before)
    known = _known_at_first(cases, calendar, test_cohorts_started_from)
    compete = competitors(known, weighed(known))
    shipped, why = choose(earlier, among=[row["candidate"] for row in compete if row["may_compete"]])
    worth = recalibration(earlier, calendar, shipped)
    opened = before if before_test else after
    said = earlier if before_test else pd.concat([earlier, judge(cases, after)], ignore_index=True)
    said = recalibrated(said, calendar, shipped) if worth["is_kept"] else said
    judged = said if before_test else said[len(earlier) :].reset_index(drop=True)
    return (
        {"target": target, "shipped": shipped, "why": why, "competitors": compete, "recalibration": worth}
        | _compared(judged, shipped, days)
        | {"week_to_week": week_to_week(cases, opened, shipped)}
        | {"transport": leave_one_campus_out(cases, opened, shipped)}
        | (_less_without(cases, opened, judged, without, days) if without else {})
    )


def _first_opened(calendar: pd.DataFrame, started_from: dt.date) -> pd.Timestamp:
    """Day on which the first test cohort starts."""
    started = calendar["start_date"]
    opened = started[started >= pd.Timestamp(started_from)].min()
    return pd.Timestamp(started_from) if pd.isna(opened) else opened


def _before_and_after(
    calendar: pd.DataFrame, *, days: tuple[int, ...], first: dt.date, as_of: dt.date, fewest: int
) -> tuple[list[Split], list[Split]]:
    """Splits of the cohorts that were mature when the first test cohort was judged, and of the test cohorts."""
    opened = _first_opened(calendar, first)
    return (
        splits_of(
            calendar,
            days=days,
            fewest_enrolments=fewest,
            known_before=lambda day: min(opened + pd.Timedelta(days=day), pd.Timestamp(as_of)),
        ),
        splits_of(
            calendar, days=days, fewest_enrolments=fewest, known_before=lambda _: as_of, started_from=first
        ),
    )


def _known_at_first(cases: pd.DataFrame, calendar: pd.DataFrame, started_from: dt.date) -> pd.DataFrame:
    """Cases that may be learned from on the day that the first test cohort starts."""
    first = _first_opened(calendar, started_from)
    return learnable_cases(cases, calendar, first)


def _compared(judged: pd.DataFrame, shipped: str, days: Iterable[int]) -> dict[str, Any]:
    rows = {name: with_intervals(judged, name, days) for name in CANDIDATES}
    paired = {name: paired_differences(judged, shipped, name, days) for name in CANDIDATES if name != shipped}
    return {"days": rows[shipped], "candidates": rows, "shipped_less_candidate": paired} | tables(
        judged, shipped, CANDIDATES, days
    )


def _less_without(
    cases: pd.DataFrame,
    splits: Iterable[Split],
    judged: pd.DataFrame,
    without: Sequence[str],
    days: Iterable[int],
) -> dict[str, Any]:
    again = judge(cases, splits, fits={WITHOUT: partial(fit_logistic, without=without)})
    both = judged.assign(**{WITHOUT: again[WITHOUT]})
    return {"logistic_less_without": paired_differences(both, LOGISTIC, WITHOUT, days)}
