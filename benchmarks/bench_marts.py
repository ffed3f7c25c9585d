"""All marts of a large school, built whole, and what one new week costs when history has grown tenfold.

    python benchmarks/bench_marts.py [--learners 16000]

Lands the school of ``landed_school.sql`` twice: with all its learners, and with the last tenth of them, so that equally
many are in training on the last Monday. Each is built as of the Monday before the last and then for the last one, in a
process of its own. The tables that cost most are told by name.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import tempfile
from pathlib import Path

from landed_school import COHORT_SIZE, SCHOOL, Size, land
from measure import Measured, measure_part

from passerelle.settings import Settings

STARTING_EACH_WEEK = 2 * COHORT_SIZE
LAST_START = dt.date(2025, 12, 29)
MONDAYS = (dt.date(2026, 2, 23), dt.date(2026, 3, 2))


def size_of(learners: int) -> Size:
    """A school that has taken in as many each week, for as long as it takes, until the last start."""
    weeks = learners // STARTING_EACH_WEEK
    return Size(learners, LAST_START - dt.timedelta(weeks=weeks - 1), weeks)


def part_land(home: Path, learners: int) -> None:
    """Land the school and print how many heavy facts it has."""
    print(land(Settings(school=SCHOOL, home=home), size_of(learners)))


def part_build(home: Path, number: int) -> None:
    """Build and publish one of the Mondays; print the seconds of each table."""
    from passerelle import transform
    from passerelle.warehouse import Warehouse

    result = transform.build(SCHOOL, Settings(school=SCHOOL, home=home), as_of=MONDAYS[number])
    Warehouse(Settings(school=SCHOOL, home=home)).publish(MONDAYS[number])
    print(json.dumps({"mode": result.mode, "timings": result.timings}))


def run_size(home: Path, learners: int) -> tuple[Measured, Measured]:
    """Measure the build of everything and of one more week."""
    script = str(Path(__file__))
    facts = measure_part(script, "land", home, str(learners)).output.splitlines()[-1]
    print(f"{learners:,} learners, {int(facts):,} facts of attendance, activity and work")
    whole, week = (measure_part(script, "build", home, str(number)) for number in range(2))
    for name, measured, mode in (("everything", whole, "full"), ("one more week", week, "incremental")):
        told = json.loads(measured.output.splitlines()[-1])
        if told["mode"] != mode:
            raise SystemExit(f"{name} was built {told['mode']}, not {mode}: nothing was compared")
        print(measured.line(f"  {name}, whole process"))
        dear = sorted(told["timings"].items(), key=lambda each: -each[1])[:6]
        print("    " + ", ".join(f"{table} {seconds:.2f} s" for table, seconds in dear))
    return whole, week


def run(learners: int) -> None:
    """Measure both sizes and print the ratio of their weeks."""
    weeks = []
    for size in (learners // 10, learners):
        with tempfile.TemporaryDirectory() as folder:
            weeks.append(run_size(Path(folder), size)[1])
    print(
        f"one more week with ten times the history: {weeks[1].wall_s / weeks[0].wall_s:.2f} x (goal: at most 1.3)"
    )


def main() -> None:
    """Run the benchmark, or one part of it in a child process."""
    parts = {"land": part_land, "build": part_build}
    if len(sys.argv) > 3 and sys.argv[1] in parts:
        parts[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, default=16_000)
    run(parser.parse_args().learners)


if __name__ == "__main__":
    main()
