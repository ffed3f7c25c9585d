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
from pathlib import Path

import floors
from landed_school import SCHOOL, WEEKS, Size, land
from measure import measure_step

from passerelle.settings import PROJECT_DIR, Settings

PANEL_MODELS = floors.models_behind("fct_enrolment_week")
#: Enrolments that the goal for the whole panel is about.
MILLION = 1_000_000
NAIVE = PROJECT_DIR / "tests" / "integration" / "naive_panel.sql"


def monday(week: int) -> dt.date:
    """Monday of that week of training."""
    return Size(0).monday(week)


def part_land(home: Path, enrolments: int) -> None:
    """Land the school and print how many heavy facts it has."""
    print(land(Settings(school=SCHOOL, home=home), Size(enrolments)))


def part_floor(home: Path, week: int) -> None:
    """Write the floor's panel and print its seconds of SQL."""
    seconds = floors.write_panel(Settings(school=SCHOOL, home=home), as_of=monday(week))
    print(json.dumps({"seconds": seconds}))


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
    print(json.dumps({"seconds": sum(result.timings.get(model, 0) for model in PANEL_MODELS)}))


def check(home: Path) -> None:
    """Stop unless the panel equals the floor and, on three Mondays, the naive question.

    Raises
    ------
    SystemExit
        A cell differs.
    """
    settings = Settings(school=SCHOOL, home=home)
    built = home / f"full_{WEEKS}" / "passerelle.duckdb"
    print(f"  equal to the floor: {floors.check('panel', settings, built)} rows")
    naive = NAIVE.read_text(encoding="utf-8").replace("{landing}", str(settings.part("landing", "_").parent))
    with floors.side_by_side(settings, built=built) as connection:
        for week in (3, 17, WEEKS):
            connection.execute(
                f"create or replace macro monday() as date '{monday(week)}';"
                "create or replace macro midnight() as"
                f" timezone('UTC', timezone('Europe/Brussels', timestamp '{monday(week)}'))"
            )
            connection.execute(f"create or replace temp table asked as {naive}")
            ours = f"from built.marts.fct_enrolment_week where as_of_date = date '{monday(week)}'"
            rows = floors.compare(connection, f"the panel of week {week}", ours, "from asked")
            print(f"  equal to the naive question of week {week}: {rows:,} rows")


def check_builds(home: Path) -> None:
    """Stop unless the week built on top equals the same Monday built from nothing."""
    on_top, whole = (home / f"{part}_{WEEKS}" / "passerelle.duckdb" for part in ("one_week", "full"))
    with floors.side_by_side(Settings(school=SCHOOL, home=home), on_top=on_top, whole=whole) as connection:
        floors.compare(
            connection,
            "the week on top",
            "from on_top.marts.fct_enrolment_week",
            "from whole.marts.fct_enrolment_week",
        )
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
    goal = " (goal: at most 1.2)" if enrolments >= MILLION else ""
    print(f"  full / floor    {seconds['full'] / seconds['floor']:5.2f}{goal}")
    check(home)
    if week:
        ratio, first = (seconds["full"] / seconds[name] for name in ("one week", "first week"))
        print(
            f"  full / one week {ratio:5.2f} (reach: at least 10; the first week after a full build {first:.2f})"
        )
        check_builds(home)


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
