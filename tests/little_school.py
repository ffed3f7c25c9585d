"""A little AI School, landed by hand: late facts, corrections of corrections, moved starts, rows out of order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from passerelle.school import Table, load_school, load_system
from passerelle.settings import Settings
from passerelle.sources.casting import ARROW_TYPES

FIRST_MONDAY = dt.date(2026, 2, 23)
WEEKS = 14
#: The last enrolments are second ones of the first learners.
_PEOPLE = 13
MARKS = ("present", "present", "present", "late", "excused", "absent")
Facts = dict[tuple[str, str], pd.DataFrame]


def monday(number: int) -> dt.date:
    """Monday of the n-th week after the first cohort's start."""
    return FIRST_MONDAY + dt.timedelta(weeks=number)


def land_nothing(settings: Settings) -> None:
    """Give every declared table of the school its typed empty file."""
    for system in load_school(settings.school).systems:
        for table in load_system(settings.school, system).tables:
            land(settings, system, table, [], name="empty")


def land(
    settings: Settings,
    system: str,
    table: str,
    rows: pd.DataFrame | Sequence[dict[str, Any]],
    *,
    name: str,
) -> Path:
    """Write one landed file; columns not given are null, and ``_is_correction`` is false unless given."""
    contract = load_system(settings.school, system).tables[table]
    schema = landed_schema(contract)
    records = rows.to_dict("records") if isinstance(rows, pd.DataFrame) else rows
    full = [
        {"_is_correction": False, "_load_id": name} | {key: _plain(value) for key, value in row.items()}
        for row in records
    ]
    path = settings.part("landing", system, table, f"{name}.parquet")
    pq.write_table(pa.Table.from_pylist(full, schema=schema), path)
    return path


def landed_schema(contract: Table) -> pa.Schema:
    """Columns of a landed table: the declared ones that identify nobody, and the landing's own."""
    fields = [
        (name, ARROW_TYPES[kind])
        for name, kind in contract.columns.items()
        if name not in contract.identifying
    ]
    own = [("_known_at", pa.timestamp("us")), ("_is_correction", pa.bool_()), ("_load_id", pa.string())]
    return pa.schema([*fields, *own])


def _plain(value: Any) -> Any:
    return (
        None if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)) else value
    )


def deliver(settings: Settings, facts: Facts, *, name: str, seed: int) -> None:
    """Land facts in two loads and in random order, marked as the landing marks them."""
    order = np.random.default_rng(seed)
    for (system, table), frame in facts.items():
        key = list(load_system(settings.school, system).tables[table].key)
        shuffled = frame.sample(frac=1.0, random_state=order.integers(2**31))
        load = order.integers(0, 2, len(shuffled))
        for number in (0, 1):
            rows = shuffled[load == number]
            is_known = _keys(rows, key).isin(_keys(_landed(settings, system, table, key), key))
            is_repeated = rows.sort_values("_known_at").duplicated(key).reindex(rows.index)
            land(
                settings,
                system,
                table,
                rows.assign(_is_correction=is_known | is_repeated),
                name=f"{name}_{number}",
            )


def _landed(settings: Settings, system: str, table: str, key: list[str]) -> pd.DataFrame:
    files = settings.part("landing", system, table, "_").parent.glob("*.parquet")
    return pd.concat([pq.read_table(path, columns=key).to_pandas() for path in files])


def _keys(rows: pd.DataFrame, key: list[str]) -> pd.Series:
    return rows[key].astype(str).agg("|".join, axis=1) if len(rows) else pd.Series(dtype=object)


def known_before(facts: Facts, day: dt.date) -> Facts:
    """Facts known before a day, 00:00 UTC."""
    return {name: frame[frame["_known_at"] < pd.Timestamp(day)] for name, frame in facts.items()}


def known_from(facts: Facts, day: dt.date) -> Facts:
    """Facts known on a day or after it, 00:00 UTC."""
    return {name: frame[frame["_known_at"] >= pd.Timestamp(day)] for name, frame in facts.items()}


class _Clerk:
    """Writes facts as a careless school would: some late, some wrong and corrected, once or twice."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.rows: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def known_at(self, day: dt.date) -> dt.datetime:
        """Mostly the same evening, now and then weeks later, sometimes in advance."""
        lag = self.random.choice([0, 0, 0, 0, 0, 0, 1, 3, 9, 17, 40, -6])
        hour, minute = int(self.random.integers(0, 24)), int(self.random.integers(0, 60))
        return dt.datetime.combine(day, dt.time(hour, minute)) + dt.timedelta(days=int(lag))

    def write(self, system: str, table: str, known_at: dt.datetime, **row: Any) -> None:
        """One version of a record."""
        self.rows.setdefault((system, table), []).append({**row, "_known_at": known_at})

    def tell(
        self, system: str, table: str, day: dt.date, *, again: Any, share: float = 0.2, **row: Any
    ) -> None:
        """A record, and with some probability corrections of it; ``again`` gives what they change."""
        known_at = self.known_at(day)
        self.write(system, table, known_at, **row)
        while self.random.random() < share:
            known_at += dt.timedelta(hours=float(self.random.integers(1, 24 * 30)))
            row = row | again()
            self.write(system, table, known_at, **row)


def facts(seed: int = 0, *, cohorts: int = 3, learners: int = 5) -> Facts:
    """Everything that ever becomes known of the little school, all versions of it."""
    clerk = _Clerk(seed)
    long_ago = dt.datetime(2025, 12, 1, 9)
    clerk.write("sis", "training", long_ago, training_code="T1", title="Data", field="data")
    clerk.write("sis", "coach", long_ago, coach_no="cch_1", campus="Ghent", language="nl")
    for number in range(cohorts):
        _tell_cohort(clerk, number, long_ago)
    for number in range(cohorts * learners):
        _tell_learner(clerk, number, cohorts, long_ago)
    return {name: pd.DataFrame(rows, dtype=object) for name, rows in clerk.rows.items()}


def _start(cohort: int) -> dt.date:
    return monday(2 * cohort) + dt.timedelta(days=2 * (cohort == 1))


def _tell_cohort(clerk: _Clerk, number: int, long_ago: dt.datetime) -> None:
    code, start = f"C{number}", _start(number)
    dates = {
        "training_end_date": start + dt.timedelta(weeks=9, days=-3),
        "internship_end_date": start + dt.timedelta(weeks=11, days=-3),
    }
    common = {
        "cohort_code": code,
        "training_code": "T1",
        "campus": "Ghent",
        "region": "VLG",
        "employment_service": "vdab",
    }
    if number == 2:
        clerk.write("sis", "cohort", long_ago, **common, start_date=start - dt.timedelta(weeks=1), **dates)
        moved_at = dt.datetime.combine(start + dt.timedelta(days=10), dt.time(9))
        clerk.write("sis", "cohort", moved_at, **common, start_date=start, **dates)
    else:
        clerk.write("sis", "cohort", long_ago, **common, start_date=start, **dates)
    for work in range(3):
        due = start + dt.timedelta(weeks=2 + 2 * work, days=4)
        clerk.tell(
            "lms",
            "assignment",
            start - dt.timedelta(days=20),
            share=0.4,
            again=lambda due=due: {"due_date": due + dt.timedelta(days=int(clerk.random.integers(-9, 9)))},
            assignment_no=f"{code}-{work}",
            cohort_code=code,
            title="x",
            assignment_type="project",
            due_date=due,
            weight_pct=10.0,
        )


def _tell_learner(clerk: _Clerk, number: int, cohorts: int, long_ago: dt.datetime) -> None:
    cohort, enrolment = number % cohorts, f"E{number}"
    start = _start(cohort)
    learner_no = f"lrn_{number % _PEOPLE}"
    learner = {"learner_no": learner_no, "gender": "F", "birth_year": 1990, "education_isced": 3}
    known_at = long_ago if number % 3 else dt.datetime.combine(start + dt.timedelta(days=12), dt.time(9))
    if number < _PEOPLE:
        clerk.write("sis", "learner", known_at, **learner)
        clerk.write("sis", "learner", known_at + dt.timedelta(days=100), **learner | {"education_isced": 5})
    enrolled = start - dt.timedelta(days=int(clerk.random.integers(-10, 60)))
    base = {
        "enrolment_no": enrolment,
        "learner_no": learner_no,
        "enrolled_date": enrolled,
        "prior_attempts_count": number % 2,
    }
    known_at = clerk.known_at(enrolled)
    clerk.write("sis", "enrolment", known_at, **base, cohort_code=f"C{cohort}")
    if number % 5 == 4:
        moved_at = dt.datetime.combine(start + dt.timedelta(days=16), dt.time(9))
        clerk.write(
            "sis",
            "enrolment",
            max(moved_at, known_at + dt.timedelta(days=1)),
            **base,
            cohort_code=f"C{(cohort + 1) % cohorts}",
        )
    _tell_statuses(clerk, number, enrolment, start)
    _tell_days(clerk, enrolment, start)
    _tell_work(clerk, enrolment, cohort, start)


def _tell_statuses(clerk: _Clerk, number: int, enrolment: str, start: dt.date) -> None:
    ends = [("completed", 77), ("dropped_out", 30), ("excluded", 44)][int(clerk.random.integers(0, 3))]
    for place, (status, day) in enumerate([("started", 0), ends]):
        effective = start + dt.timedelta(days=day)
        clerk.tell(
            "sis",
            "enrolment_status",
            effective,
            share=0.3,
            again=lambda day=effective: {
                "effective_date": day + dt.timedelta(days=int(clerk.random.integers(-9, 30)))
            },
            status_no=f"{enrolment}-{place}",
            enrolment_no=enrolment,
            status=status,
            effective_date=effective,
            reason_code=None,
        )
    day = start + dt.timedelta(days=150)
    clerk.write(
        "sis",
        "caseload",
        dt.datetime.combine(start, dt.time(9)),
        caseload_no=f"L{number}",
        coach_no="cch_1",
        enrolment_no=enrolment,
        start_date=start,
        end_date=day if number % 2 else None,
    )


def _tell_days(clerk: _Clerk, enrolment: str, start: dt.date) -> None:
    for week in range(-3, 10):
        for weekday in (0, 1, 3, 6):
            day = start + dt.timedelta(weeks=week, days=weekday)
            if week >= 0 and weekday < 6:
                for part in ("am", "pm"):
                    clerk.tell(
                        "lms",
                        "attendance",
                        day,
                        again=lambda: {"mark": str(clerk.random.choice(MARKS))},
                        enrolment_no=enrolment,
                        session_date=day,
                        session_part=part,
                        mark=str(clerk.random.choice(MARKS)),
                    )
            if clerk.random.random() < 0.4:
                clerk.tell(
                    "lms",
                    "activity",
                    day,
                    again=lambda: {"action_count": int(clerk.random.integers(0, 9))},
                    enrolment_no=enrolment,
                    activity_date=day,
                    action_count=int(clerk.random.integers(0, 9)),
                )


def _mark(clerk: _Clerk, enrolment: str, work: int) -> float:
    """Of 100; one piece of work of each cohort is marked by two people, and one of them writes parts of one."""
    of_one = work == 1 and int(enrolment[1:]) % 2
    return round(float(clerk.random.uniform(0, 1 if of_one else 100)), 2 if of_one else 1)


def _tell_work(clerk: _Clerk, enrolment: str, cohort: int, start: dt.date) -> None:
    for work in range(3):
        due = start + dt.timedelta(weeks=2 + 2 * work, days=4)
        submitted = due + dt.timedelta(days=int(clerk.random.integers(-12, 9)))
        clerk.tell(
            "lms",
            "submission",
            submitted,
            share=0.5,
            again=lambda day=submitted, work=work: {
                "score_pct": _mark(clerk, enrolment, work),
                "submitted_date": day + dt.timedelta(days=int(clerk.random.integers(-3, 12))),
            },
            assignment_no=f"C{cohort}-{work}",
            enrolment_no=enrolment,
            submitted_date=submitted,
            due_date=due,
            grade="correct",
            score_pct=None if clerk.random.random() < 0.3 else _mark(clerk, enrolment, work),
        )
