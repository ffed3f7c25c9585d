"""A whole simulated school: every table of every system, for all time, and the truth behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from passerelle.demo_school import assignments, coaching, employment_services, follow_up, learning_platform
from passerelle.demo_school.careers import Careers, follow
from passerelle.demo_school.chance import NEVER, dates
from passerelle.demo_school.cohorts import plan_cohorts
from passerelle.demo_school.config import DemoSchool
from passerelle.demo_school.enrolments import Enrolments, enrol
from passerelle.demo_school.people import PEOPLE_PER_CHUNK, draw_coaches
from passerelle.demo_school.play import Play, begin
from passerelle.demo_school.records import stamps
from passerelle.demo_school.student_system import DECEASED, StudentSystem, deaths, leaving_reasons
from passerelle.errors import ConfigError
from passerelle.school import Table, load_system

FILE_DAY = "file_day"
CHUNK = 20_000


@dataclass(frozen=True)
class World:
    """What ``simulate`` gives.

    Attributes
    ----------
    play : Play
        What was played: configuration, dice, calendar.
    tables : dict
        ``<system>.<table>`` to its rows for all time: the declared columns in their order, timestamps in UTC.
        Tables known by the day of their file carry that day as ``file_day``.
    enrolments : Enrolments
        The truth of training.
    careers : Careers
        The truth of work.
    """

    play: Play
    tables: dict[str, pa.Table]
    enrolments: Enrolments
    careers: Careers

    def frame(self, name: str) -> pd.DataFrame:
        """One table (``<system>.<table>``) as a pandas frame."""
        return self.tables[name].to_pandas()


def simulate(
    config: DemoSchool, *, seed: int | None = None, learners: int | None = None, chunk: int = 0
) -> World:
    """Play the whole school.

    Parameters
    ----------
    config : DemoSchool
        What to play.
    seed : int, optional
        Another seed than the configuration's.
    learners : int, optional
        Places to fill, in the same years; the school's own size by default.
    chunk : int, default 0
        Which part of a larger school this is: its numbers follow those of the parts before.

    Raises
    ------
    ConfigError
        More learners than one part holds.
    """
    if learners is not None and learners > PEOPLE_PER_CHUNK:
        raise ConfigError(
            f"{learners:,} learners at once",
            allowed=f"up to {PEOPLE_PER_CHUNK:,}",
            fix="use simulate_in_chunks",
        )
    play = begin(config, seed=config.seed if seed is None else seed, chunk=chunk)
    enrolments = enrol(plan_cohorts(play, learners=learners), play=play)
    reasons = leaving_reasons(enrolments, play=play)
    careers = follow(enrolments, found_work=reasons == "found_work", play=play)
    died = deaths(enrolments, reasons, play=play)
    frames = (
        _student_system(enrolments, np.where(died, DECEASED, reasons), play)
        | _learning_platform(enrolments, play)
        | _after_training(enrolments, careers, died, play)
    )
    tables = {name: _declared(frames[name], name, config.folder) for name in frames}
    return World(play, tables, enrolments, careers.without(died))


def simulate_in_chunks(
    config: DemoSchool, *, learners: int, seed: int | None = None, chunk_size: int = CHUNK
) -> Iterator[World]:
    """Play a country's worth of learners part by part, so that memory holds one part at a time."""
    parts = -(-learners // chunk_size)
    for part in range(parts):
        size = min(chunk_size, learners - part * chunk_size)
        yield simulate(config, seed=seed, learners=size, chunk=part)


def _student_system(enrolments: Enrolments, reasons: np.ndarray, play: Play) -> dict[str, pd.DataFrame]:
    held = StudentSystem(enrolments, play=play)
    count = coaching.coach_pairs(len(enrolments))
    coaches = draw_coaches(play.school, pairs=count, dice=play.dice)
    pairs = coaching.assigned(enrolments, pairs=count, dice=play.dice)
    return {
        "sis.learner": held.learners(),
        "sis.training": held.trainings(),
        "sis.cohort": held.cohorts(),
        "sis.enrolment": held.enrolment(),
        "sis.enrolment_status": held.statuses(reasons),
        "sis.internship": held.internships(),
        "sis.partner": held.partners(),
        "sis.coach": held.coaches(coaches),
        "sis.caseload": coaching.caseloads(enrolments, coaches=coaches, pairs=pairs, play=play),
        "sis.support_action": coaching.support_actions(enrolments, coaches=coaches, pairs=pairs, play=play),
    }


def _learning_platform(enrolments: Enrolments, play: Play) -> dict[str, pd.DataFrame | pa.Table]:
    return {
        "lms.attendance": learning_platform.attendance(enrolments, play=play),
        "lms.activity": learning_platform.activity(enrolments, play=play),
        "lms.assignment": assignments.assignments(enrolments, play=play),
        "lms.submission": assignments.submissions(enrolments, play=play),
    }


def _after_training(
    enrolments: Enrolments, careers: Careers, died: np.ndarray, play: Play
) -> dict[str, pd.DataFrame]:
    known = employment_services.spells_known(enrolments, careers, play=play)
    known = known[~np.isin(known["person"], enrolments.person[died])]
    surveyed = follow_up.survey(enrolments, careers, play=play)
    services = np.array([place.employment_service for place in play.school.campuses])
    files = {
        f"{service}.{table}": employment_services.service_file(
            service, known, enrolments=enrolments, campuses=np.flatnonzero(services == service)
        )
        for service, table in employment_services.TABLES.items()
    }
    return files | {
        "survey.followup": surveyed[~surveyed["enrolment_no"].isin(enrolments.enrolment_no.to_pandas()[died])]
    }


def _declared(rows: pd.DataFrame | pa.Table, name: str, school: str) -> pa.Table:
    """The declared columns in their declared types, in order of the time they were known."""
    system, table_name = name.split(".")
    table = load_system(school, system).tables[table_name]
    if isinstance(rows, pd.DataFrame):
        rows = pa.table({column: _typed(rows[column], table, column) for column in _columns(rows, table)})
    known_at = FILE_DAY if table.known_at == "file_date" else table.known_at
    return rows.sort_by(known_at)


def _columns(rows: pd.DataFrame, table: Table) -> list[str]:
    return [*table.columns, *([FILE_DAY] if FILE_DAY in rows else [])]


def _typed(values: pd.Series, table: Table, column: str) -> pa.Array:
    kind = table.columns.get(column, "date")
    if kind == "date":
        return _dates(values)
    if kind == "timestamp":
        return stamps(values.to_numpy())
    types = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}
    return pa.Array.from_pandas(values, type=types[kind])


def _dates(values: pd.Series) -> pa.Array:
    if values.dtype.kind == "M":
        return pa.Array.from_pandas(values).cast(pa.date32())
    return dates(values.astype("Int64").fillna(NEVER).to_numpy(dtype=np.int64))
