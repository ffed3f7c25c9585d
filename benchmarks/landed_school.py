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
#: People whose heavy facts go into one file.
PEOPLE_AT_A_TIME = 100_000


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


def land(settings: Settings, size: Size) -> int:
    """Land the whole school, or what is missing of it after an interruption.

    Parameters
    ----------
    settings : Settings
        Says where, and under which limit of memory.
    size : Size

    Returns
    -------
    int
        Number of heavy facts.
    """
    sys.path.insert(0, str(PROJECT_DIR / "tests"))
    from little_school import land_nothing

    land_nothing(settings)
    parts = re.split(
        r"^-- (prepare|\w+/\w+(?: in parts)?)$", SQL.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    statements = dict(zip(parts[1::2], parts[2::2], strict=True))
    with duckdb.connect() as connection:
        connection.execute(f"set threads = 2; set memory_limit = '{settings.memory_limit}'")
        connection.execute(f"set temp_directory = '{settings.part('spill', '_').parent}'")
        connection.execute(_numbers(size))
        connection.execute(statements.pop("prepare"))
        count = 0
        for head, select in statements.items():
            table, _, in_parts = head.partition(" ")
            if not in_parts:
                _copy(connection, select, settings.part("landing", *table.split("/"), "bench.parquet"))
            else:
                for first in range(0, size.learners, PEOPLE_AT_A_TIME):
                    connection.execute(f"set variable first = {first}")
                    connection.execute(f"set variable past = {first + PEOPLE_AT_A_TIME}")
                    path = settings.part("landing", *table.split("/"), f"bench_{first:09}.parquet")
                    count += _copy(connection, select, path)
    return count


def _copy(connection: duckdb.DuckDBPyConnection, select: str, path: Path) -> int:
    """Write one file whole or not at all, unless it is there; gives back its number of rows."""
    if not path.exists():
        aside = path.with_suffix(".next")
        rows = f"select *, 'bench' as _load_id from ({select.strip().rstrip(';')})"
        connection.execute(
            f"copy ({rows}) to '{aside}' (format parquet, compression zstd, compression_level 1)"
        )
        aside.replace(path)
    return int(
        connection.execute(f"select sum(num_rows) from parquet_file_metadata('{path}')").fetchall()[0][0]
    )


def _numbers(size: Size) -> str:
    return (
        f"create macro learners() as {size.learners};"
        f"create macro cohort_size() as {COHORT_SIZE};"
        f"create macro first_start() as date '{size.first_start}';"
        f"create macro intake_weeks() as {size.intake_weeks};"
        f"create macro weeks() as {WEEKS};"
    )
