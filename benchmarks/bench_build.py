"""The enrolment-week panel: dbt's models beside hand-written SQL over the same parquet, and one new week beside all.

    python benchmarks/bench_build.py [--enrolments 32000] [--home FOLDER] [--no-week]

Lands the school of ``landed_school.sql``, all cohorts starting on one Monday. Then, each in its own process: the floor
(one tuned statement), a full build, the full build of two weeks before, and two new weeks, one on top of the other. The
second is what every Monday costs; the first reads its past from a file that is not yet in the order of weeks. The panel
is checked cell by cell against the naive question of ``tests/integration/naive_panel.sql`` on three Mondays, against
the floor, and new week against full build. With ``--home`` the state is kept, and what was landed and measured before
an interruption is not done again.

Two times are told for a build: its panel models as dbt measures them (what the SQL costs, dbt's own work around each
model included), and the whole process (imports, parsing, all other tables and tests).
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from landed_school import SCHOOL, WEEKS, Size, land
from measure import measure_step

from passerelle.settings import PROJECT_DIR, Settings

PANEL_MODELS = (
    "int_enrolment_versions",
    "int_enrolment_status_spans",
    "int_attendance_weeks",
    "int_activity_weeks",
    "int_assessment_result_weeks",
    "int_enrolment_week",
    "int_cohort_week",
    "int_other_enrolments_week",
    "fct_enrolment_week",
)
FLOOR = Path(__file__).with_name("floor_panel.sql")
NAIVE = PROJECT_DIR / "tests" / "integration" / "naive_panel.sql"


def monday(week: int) -> dt.date:
    """Monday of that week of training."""
    return Size(0).monday(week)


def part_land(home: Path, enrolments: int) -> None:
    """Land the school and print how many heavy facts it has."""
    print(land(Settings(school=SCHOOL, home=home), Size(enrolments)))


def part_floor(home: Path, week: int) -> None:
    """Write the floor's panel beside the warehouse and print its seconds of SQL."""
    settings = Settings(school=SCHOOL, home=home)
    landing = settings.part("landing", "_").parent
    (home / "floor.duckdb").unlink(missing_ok=True)
    with duckdb.connect(str(home / "floor.duckdb")) as connection:
        connection.execute(f"set threads = 2; set memory_limit = '{settings.memory_limit}'")
        connection.execute(
            "create macro week(day) as cast((day - date '1970-01-05') // 7 + 1 as integer);"
            f"create macro as_of() as date '{monday(week)}';"
            "create macro local(known) as case"
            " when known >= timestamp '2026-10-25 01:00:00' then known + interval 1 hour"
            " when known >= timestamp '2026-03-29 01:00:00' then known + interval 2 hour"
            " else known + interval 1 hour end"
        )
        sql = FLOOR.read_text(encoding="utf-8").replace("{landing}", str(landing))
        started = time.perf_counter()
        connection.execute(f"create table panel as {sql}")
        print(json.dumps({"seconds": time.perf_counter() - started}))


def part_build(home: Path, week: int, *, full: bool) -> None:
    """Build and publish as of that week's Monday; print the seconds of the panel's models."""
    from passerelle import transform
    from passerelle.warehouse import Warehouse

    settings = Settings(school=SCHOOL, home=home)
    if full:
        shutil.rmtree(home / "warehouse", ignore_errors=True)
    result = transform.build(SCHOOL, settings, as_of=monday(week), full_refresh=full)
    if result.why != ("asked for" if full else f"carried on from {monday(week - 1)}"):
        raise SystemExit(f"the build was {result.mode}, {result.why}: nothing was compared")
    Warehouse(settings).publish(monday(week))
    built = home / f"{'full' if full else 'one_week'}_{week}" / "passerelle.duckdb"
    built.parent.mkdir(exist_ok=True)
    shutil.copyfile(home / "warehouse" / "passerelle.duckdb", built)
    print(json.dumps({"seconds": sum(result.timings[model] for model in PANEL_MODELS), "mode": result.mode}))


def check(home: Path) -> None:
    """Stop unless the panel equals the floor and, on three Mondays, the naive question.

    Raises
    ------
    SystemExit
        A cell differs.
    """
    settings = Settings(school=SCHOOL, home=home)
    landing = settings.part("landing", "_").parent
    with duckdb.connect() as connection:
        connection.execute(f"set memory_limit = '{settings.memory_limit}'")
        connection.execute(f"attach '{home / f'full_{WEEKS}' / 'passerelle.duckdb'}' as built (read_only)")
        connection.execute(f"attach '{home / 'floor.duckdb'}' as floor (read_only)")
        _compare(connection, "the floor", "select * from floor.panel", "true")
        for week in (3, 17, WEEKS):
            connection.execute(
                f"create or replace macro monday() as date '{monday(week)}';"
                "create or replace macro midnight() as"
                f" timezone('UTC', timezone('Europe/Brussels', timestamp '{monday(week)}'))"
            )
            naive = NAIVE.read_text(encoding="utf-8").replace("{landing}", str(landing))
            _compare(
                connection, f"the naive question of week {week}", naive, f"as_of_date = date '{monday(week)}'"
            )


def _compare(connection: duckdb.DuckDBPyConnection, name: str, sql: str, where: str) -> None:
    connection.execute(f"create or replace temp table expected as {sql}")
    columns = ", ".join(row[0] for row in connection.execute("describe expected").fetchall())
    ours = f"select {columns} from built.marts.fct_enrolment_week where {where}"
    counts = connection.execute(
        f"select (select count(*) from expected), (select count(*) from (from expected except all {ours})),"
        f" (select count(*) from ({ours} except all from expected))"
    ).fetchall()[0]
    if counts[0] == 0 or counts[1:] != (0, 0):
        raise SystemExit(f"the panel differs from {name}: rows, missing, extra = {counts}")
    print(f"  equal to {name}: {counts[0]:,} rows")


def _compare_builds(home: Path) -> None:
    """Stop unless the week built on top equals the same Monday built from nothing."""
    with duckdb.connect() as connection:
        for name, part in (("on_top", "one_week"), ("whole", "full")):
            built = home / f"{part}_{WEEKS}" / "passerelle.duckdb"
            connection.execute(f"attach '{built}' as {name} (read_only)")
        different = connection.execute(
            "with ours as (from on_top.marts.fct_enrolment_week), theirs as (from whole.marts.fct_enrolment_week)"
            " select count(*) from ((from ours except all from theirs) union all (from theirs except all from ours))"
        ).fetchall()[0][0]
    if different:
        raise SystemExit(f"one week on top and a full build differ in {different} rows")
    print("  one week on top equals a full build, row by row")


def run(home: Path, enrolments: int, *, week: bool) -> None:
    """Measure everything and print it."""
    landed = measure_step(__file__, "land", home, enrolments)
    print(f"{enrolments:,} enrolments, {WEEKS} weeks, {int(landed.output):,} facts")
    floor = measure_step(__file__, "floor", home, WEEKS)
    measured = {"floor": floor, "full": measure_step(__file__, "full", home, WEEKS)}
    if week:
        measure_step(__file__, "full", home, WEEKS - 2)
        measured["first week"] = measure_step(__file__, "one_week", home, WEEKS - 1)
        measured["one week"] = measure_step(__file__, "one_week", home, WEEKS)
    for name, one in measured.items():
        print(one.line(f"{name}, whole process", floor=floor))
    seconds = {name: json.loads(one.output.splitlines()[-1])["seconds"] for name, one in measured.items()}
    print("panel only: " + ", ".join(f"{name} {each:.2f} s" for name, each in seconds.items()))
    print(f"  full / floor    {seconds['full'] / seconds['floor']:5.2f} (goal: at most 1.2)")
    check(home)
    if week:
        ratio, first = (seconds["full"] / seconds[name] for name in ("one week", "first week"))
        print(
            f"  full / one week {ratio:5.2f} (reach: at least 10; the first week after a full build {first:.2f})"
        )
        _compare_builds(home)


def main() -> None:
    """Run the benchmark, or one part of it in a child process."""
    if len(sys.argv) > 3 and sys.argv[1] in ("land", "floor", "full", "one_week"):
        part, home, number = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
        if part == "land":
            part_land(home, number)
        elif part == "floor":
            part_floor(home, number)
        else:
            part_build(home, number, full=part == "full")
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--enrolments", type=int, default=32_000)
    parser.add_argument("--home", type=Path, help="state folder to keep, and to carry on in")
    parser.add_argument("--no-week", action="store_true", help="only the floor and the full build")
    asked = parser.parse_args()
    with contextlib.ExitStack() as stack:
        home = asked.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        run(home, asked.enrolments, week=not asked.no_week)


if __name__ == "__main__":
    main()
