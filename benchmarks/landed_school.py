"""A made-up school of any size in the shapes of the landing, drawn by DuckDB: what the benchmarks of the build read.

Cohorts of 25 that start over ``intake_weeks`` Mondays, 40 weeks each, about 6.5 facts per enrolment and week, 6 % of
them known in a later week and 1 % corrected; then jobs in three registers and three waves of a survey.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

from passerelle.settings import PROJECT_DIR, Settings

SCHOOL = "ai_school"
WEEKS = 40
COHORT_SIZE = 25
SQL = Path(__file__).with_suffix(".sql")
#: Tables whose facts grow with the weeks, not only with the people.
HEAVY = ("lms/submission", "lms/activity", "lms/attendance")


@dataclass(frozen=True)
class Size:
    """How many, and from when on.

    Attributes
    ----------
    learners : int
    first_start : datetime.date
        Monday on which the first cohorts start.
    intake_weeks : int
        Over how many Mondays the starts are spread.
    """

    learners: int
    first_start: dt.date = dt.date(2026, 1, 5)
    intake_weeks: int = 1

    def monday(self, week: int) -> dt.date:
        """Monday of that week of the first cohorts."""
        return self.first_start + dt.timedelta(weeks=week)


def land(settings: Settings, size: Size, *, memory_gb: int = 4) -> int:
    """Land the whole school; gives back the number of heavy facts."""
    sys.path.insert(0, str(PROJECT_DIR / "tests"))
    from little_school import land_nothing

    land_nothing(settings)
    parts = re.split(r"^-- (prepare|\w+/\w+)$", SQL.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    statements = dict(zip(parts[::2], parts[1::2], strict=True))
    spill = settings.part("spill", "_").parent
    counts = {}
    with duckdb.connect(str(spill / "people.duckdb")) as connection:
        connection.execute(f"set threads = 2; set memory_limit = '{memory_gb}GB'")
        connection.execute(_numbers(size))
        connection.execute(statements.pop("prepare"))
        for table, select in statements.items():
            path = settings.part("landing", *table.split("/"), "bench.parquet")
            (counts[table],) = connection.execute(
                f"copy (select *, 'bench' as _load_id from ({select.strip().rstrip(';')})) to '{path}'"
            ).fetchall()[0]
    (spill / "people.duckdb").unlink()
    return sum(counts[table] for table in HEAVY)


def _numbers(size: Size) -> str:
    return (
        f"create macro learners() as {size.learners};"
        f"create macro cohort_size() as {COHORT_SIZE};"
        f"create macro first_start() as date '{size.first_start}';"
        f"create macro intake_weeks() as {size.intake_weeks};"
        f"create macro weeks() as {WEEKS};"
    )
