"""Pull: 5,000,000 attendance marks from CSV and 200,000 learners from a database, then one quiet night.

The floor decodes the same CSV and the same table with the declared types and writes them as parquet: no value is
checked; there is no pseudonym, no vault, no key and no bookmark.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from measure import Measured, measure_part

PROJECT_DIR = Path(__file__).resolve().parents[1]
MARKS, LEARNERS, NIGHT = 5_000_000, 200_000, 25_000
ATTENDANCE = ("enrolment_no", "session_date", "session_part", "mark", "recorded_at")
DAY = dt.date(2025, 1, 6)


def main() -> None:
    """Make the systems, pull them, and print the figures."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        os.environ |= {
            "PASSERELLE_SCHOOLS_DIR": str(home / "schools"),
            "PASSERELLE_HOME": str(home),
            "PASSERELLE_LMS_DIR": str(home / "lms"),
            "PASSERELLE_SIS_URL": f"sqlite:///{home}/sis.sqlite",
        }
        make_school(home / "schools" / "country")
        measure_part(__file__, "make", home)
        floor = measure_part(__file__, "floor", home)
        show("pull and accept", measure_part(__file__, "pull"), floor)
        measure_part(__file__, "make_night", home)
        night = measure_part(__file__, "floor", home, "attendance_2026-01-01.csv")
        show("the next night", measure_part(__file__, "pull"), night)
        show("a night with nothing new", measure_part(__file__, "pull"), None)


def make(home: str) -> None:
    """The systems; in a process of its own, for a child's peak memory is never told as less than its parent's."""
    (Path(home) / "lms").mkdir()
    write_marks(Path(home) / "lms" / "attendance_2025-12-31.csv", MARKS, DAY)
    make_learners(Path(home) / "sis.sqlite")


def make_night(home: str) -> None:
    """What the learning platform drops one night."""
    write_marks(Path(home) / "lms" / "attendance_2026-01-01.csv", NIGHT, dt.date(2026, 1, 1))


def show(name: str, measured: Measured, floor: Measured | None) -> None:
    """Print one step under its floor."""
    if floor:
        print(floor.line(f"floor of: {name}"))
    print(measured.line(f"{name}: {measured.output.strip()}", floor=floor))


def make_school(folder: Path) -> None:
    """The AI School with two of its systems."""
    shutil.copytree(PROJECT_DIR / "schools" / "ai_school" / "systems", folder / "systems")
    text = (PROJECT_DIR / "schools" / "ai_school" / "school.toml").read_text()
    start = text.index("systems = [")
    end = text.index("]", start) + 1
    (folder / "school.toml").write_text(text[:start] + 'systems = ["lms", "sis"]' + text[end:])


def write_marks(path: Path, count: int, first_day: dt.date) -> None:
    """Half days of 12,500 enrolments, one after another, each recorded that evening."""
    number = np.arange(count)
    half_day = number // 12_500
    day = pa.array((np.datetime64(first_day) + half_day // 2).astype("datetime64[D]"))
    second = np.random.default_rng(1).integers(0, 7200, count)
    recorded = np.datetime64(first_day, "s") + (half_day // 2) * 86_400 + 64_800 + second
    columns = {
        "enrolment_no": pc.binary_join_element_wise("E", pa.array(number % 12_500).cast(pa.string()), ""),
        "session_date": day,
        "session_part": pa.array(["am", "pm"]).take(pa.array(half_day % 2)),
        "mark": pa.array(["present", "late", "excused", "absent"]).take(pa.array(number % 7 % 4)),
        "recorded_at": pc.strftime(pa.array(recorded), format="%Y-%m-%dT%H:%M:%SZ"),
    }
    pa.csv.write_csv(pa.table(columns), path)


def make_learners(path: Path) -> None:
    """The student information system: all its tables, but rows of learners only."""
    from passerelle.school import load_system

    sql_types = {"integer": "integer", "boolean": "boolean", "date": "date", "timestamp": "datetime"}
    with sqlite3.connect(path) as database:
        for name, table in load_system("country", "sis").tables.items():
            columns = [f"{column} {sql_types.get(kind, 'varchar')}" for column, kind in table.columns.items()]
            database.execute(f"create table {name} ({', '.join(columns)})")
        rows = (
            (
                *(
                    f"L{n}",
                    f"First{n}",
                    f"Last{n}",
                    f"{n}@example.org",
                    f"+324{n:08}",
                    f"Street {n}",
                    "1990-05-01",
                ),
                *(1990, "F", n % 9, "BE", "fr", "nl", n % 2, None, n % 24, "Gent"),
                f"2025-01-{n % 28 + 1:02} 09:00:00.000000",
            )
            for n in range(LEARNERS)
        )
        database.executemany(f"insert into learner values ({', '.join('?' * 18)})", rows)


def pull() -> None:
    """The step itself, in a process of its own."""
    from passerelle.landing import Landing
    from passerelle.settings import Settings
    from passerelle.sources import pull_school

    settings = Settings(school="country")
    pull_school("country", settings)
    print(f"{sum(Landing(settings).accept().values()):,} rows")


def floor(home: str, file: str = "attendance_2025-12-31.csv") -> None:
    """Decode and write, nothing else."""
    types = dict.fromkeys(ATTENDANCE, pa.string()) | {
        "session_date": pa.date32(),
        "recorded_at": pa.timestamp("s", "UTC"),
    }
    marks = pa.csv.read_csv(
        Path(home) / "lms" / file, convert_options=pa.csv.ConvertOptions(column_types=types)
    )
    pq.write_table(marks, Path(home) / "floor.parquet")
    if file.startswith("attendance_2025"):
        with sqlite3.connect(Path(home) / "sis.sqlite") as database:
            rows = database.execute("select * from learner").fetchall()
        learners = pa.table(
            [pa.array(column) for column in zip(*rows, strict=True)], [f"c{n}" for n in range(18)]
        )
        pq.write_table(learners, Path(home) / "floor.parquet")


if __name__ == "__main__":
    parts = {"make": make, "make_night": make_night, "pull": pull, "floor": floor}
    if sys.argv[1:] and sys.argv[1] in parts:
        parts[sys.argv[1]](*sys.argv[2:])
    else:
        main()
