"""The placement marts of a large school: dbt's models beside hand-written SQL over the same conformed tables.

    python benchmarks/bench_placement.py [--learners 100000] [--home FOLDER]

Lands the people, jobs and surveys of ``landed_school.sql`` (320 weeks of intake; attendance, activity and hand-ins are
left out, because no placement is worked out from them), builds everything that ``mart_placement``,
``mart_time_to_job`` and ``mart_cirr`` need with dbt, and asks the same of ``floor_placement.sql``. Row by row they have
to be equal. With ``--home`` the state is kept, and what was done before an interruption is not done again.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from landed_school import SCHOOL, Size, land
from measure import measure_step

from passerelle.settings import PROJECT_DIR, Settings
from passerelle.starting_point import variables

AS_OF = dt.date(2026, 3, 2)
INTAKE_WEEKS = 320
FLOOR = Path(__file__).with_name("floor_placement.sql")
#: Mart to the floor's table.
MARTS = {"mart_placement": "placement", "mart_time_to_job": "time_to_job", "mart_cirr": "cirr"}


def part_land(home: Path, learners: int) -> None:
    """Land the school."""
    first = dt.date(2025, 12, 29) - dt.timedelta(weeks=INTAKE_WEEKS - 1)
    land(Settings(school=SCHOOL, home=home), Size(learners, first, INTAKE_WEEKS), heavy=False)


def part_build(home: Path, _learners: int) -> None:
    """Build the marts from nothing; print the seconds of dbt's models after the conformed tables."""
    settings = Settings(school=SCHOOL, home=home)
    told = variables(SCHOOL, settings, as_of=AS_OF) | {"previous_as_of": None}
    database = home / "built.duckdb"
    database.unlink(missing_ok=True)
    command = ["dbt", "--quiet", "build", "--exclude-resource-type", "unit_test", "--vars", json.dumps(told)]
    command += ["--project-dir", str(PROJECT_DIR / "dbt"), "--profiles-dir", str(PROJECT_DIR / "dbt")]
    command += ["--target-path", str(home / "target"), "--log-path", str(home / "logs")]
    command += ["--select", *(f"+{mart}" for mart in MARTS)]
    environment = {"PASSERELLE_DBT_DATABASE": str(database), "PASSERELLE_DBT_MEMORY": settings.memory_limit}
    subprocess.run(command, env={**os.environ, **environment}, check=True)
    results = json.loads((home / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    seconds = {
        each["unique_id"].split(".")[-1]: each["execution_time"]
        for each in results
        if each["unique_id"].startswith("model.") and '."conformed".' not in each["relation_name"]
    }
    print(json.dumps({"seconds": sum(seconds.values()), "models": seconds}))


def part_floor(home: Path, _learners: int) -> None:
    """Work out the floor's tables and print its seconds."""
    (home / "floor.duckdb").unlink(missing_ok=True)
    with duckdb.connect(str(home / "floor.duckdb")) as connection:
        connection.execute(
            f"set threads = 2; set memory_limit = '{Settings(school=SCHOOL, home=home).memory_limit}'"
        )
        connection.execute(f"attach '{home / 'built.duckdb'}' as built (read_only)")
        connection.execute(f"create macro as_of() as date '{AS_OF}'")
        started = time.perf_counter()
        connection.execute(FLOOR.read_text(encoding="utf-8"))
        print(json.dumps({"seconds": time.perf_counter() - started}))


def check(home: Path) -> None:
    """Stop unless the marts hold what the floor holds; numbers with a fraction to the ninth digit.

    Raises
    ------
    SystemExit
        A row differs.
    """
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '3GB'")
        connection.execute(f"attach '{home / 'built.duckdb'}' as built (read_only)")
        connection.execute(f"attach '{home / 'floor.duckdb'}' as floor (read_only)")
        for mart, table in MARTS.items():
            columns = connection.execute(f"describe floor.{table}").fetchall()
            names = ", ".join(
                f"round({name}, 9) as {name}" if kind == "DOUBLE" else name for name, kind, *_ in columns
            )
            ours, theirs = f"select {names} from built.marts.{mart}", f"select {names} from floor.{table}"
            counts = connection.execute(
                f"select (select count(*) from ({ours})), (select count(*) from ({ours} except all {theirs})),"
                f" (select count(*) from ({theirs} except all {ours}))"
            ).fetchall()[0]
            if counts[0] == 0 or counts[1:] != (0, 0):
                raise SystemExit(f"{mart} differs from the floor: rows, extra, missing = {counts}")
            print(f"  {mart} equals the floor: {counts[0]:,} rows")


def run(home: Path, learners: int) -> None:
    """Measure both and print the ratio."""
    print(f"{learners:,} learners, {INTAKE_WEEKS} weeks of intake, as of {AS_OF}")
    land_, build, floor = (
        measure_step(__file__, part, home, learners) for part in ("land", "build", "floor")
    )
    print(land_.line("landing"))
    print(floor.line("floor, whole process", floor=floor))
    print(build.line("dbt, whole process, conformed tables included", floor=floor))
    told = json.loads(build.output.splitlines()[-1])
    seconds = json.loads(floor.output.splitlines()[-1])["seconds"]
    print(f"after the conformed tables: floor {seconds:.2f} s, dbt {told['seconds']:.2f} s")
    print(f"  dbt / floor {told['seconds'] / seconds:.2f}")
    dear = sorted(told["models"].items(), key=lambda each: -each[1])[:6]
    print("  " + ", ".join(f"{table} {seconds:.2f} s" for table, seconds in dear))
    check(home)


def main() -> None:
    """Run the benchmark, or one part of it in a child process."""
    parts = {"land": part_land, "build": part_build, "floor": part_floor}
    if len(sys.argv) > 3 and sys.argv[1] in parts:
        parts[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, default=100_000)
    parser.add_argument("--home", type=Path, help="state folder to keep, and to carry on in")
    asked = parser.parse_args()
    with contextlib.ExitStack() as stack:
        run(asked.home or Path(stack.enter_context(tempfile.TemporaryDirectory())), asked.learners)


if __name__ == "__main__":
    main()
