"""All marts of a large school beside hand-written floors, and what one new week costs when history has grown tenfold.

    python benchmarks/bench_marts.py [--learners 16000] [--home FOLDER] [--no-week]

Lands the school of ``landed_school.sql``, builds everything from nothing in one process, and sets the tables that cost
most beside the floors (``floor_*.sql``), each in a process of its own; row by row they have to be equal. Then one more
week, here and in a school with the last tenth of the learners, so that equally many are in training in both. With
``--no-week`` that is left out. With ``--home`` the state is kept, and what was landed and measured before an
interruption is not done again.

Ours is what dbt measures of the models in question, its own work around each included, and the most memory that the
whole build had taken when the last of them was done; a floor is timed without its start.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import resource
import sys
import tempfile
from pathlib import Path

import floors
from landed_school import COHORT_SIZE, SCHOOL, Size, land
from measure import Measured, measure_step

from passerelle.settings import Settings

#: A large school takes in more each week rather than for longer.
MOST_WEEKS = 320
LAST_START = dt.date(2025, 12, 29)
MONDAYS = {"everything": dt.date(2026, 2, 23), "one_more_week": dt.date(2026, 3, 2)}
MODES = {"everything": "full", "one_more_week": "incremental"}
#: Floor to the models whose work it does; the first two begin at the conformed tables, the others at what a mart reads.
MODELS = {
    "panel": floors.models_behind("fct_enrolment_week"),
    "placement": floors.models_behind("mart_placement", "mart_time_to_job", "mart_cirr"),
    "placement_public": {"mart_placement_public"},
    "esf_indicator": {"mart_esf_indicator"},
    "cohort_week": {"mart_cohort_week"},
    "partner": {"mart_partner"},
}


def settings_of(home: str) -> Settings:
    """Settings of the school that is kept there."""
    return Settings(school=SCHOOL, home=Path(home))


def part_land(home: str, learners: str, weeks: str) -> None:
    """Land the school, which has taken in as many each week until the last start; print how many heavy facts it has."""
    first_start = LAST_START - dt.timedelta(weeks=int(weeks) - 1)
    print(land(settings_of(home), Size(int(learners), first_start, int(weeks))))


def part_build(home: str, name: str) -> None:
    """Build and publish one of the Mondays; print the seconds of each table, and the most memory taken by its end."""
    from passerelle import transform
    from passerelle.warehouse import Warehouse

    peaks = {}

    def note(done: str, _number: int, _total: int) -> None:
        peaks[done.removeprefix("build ")] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    result = transform.build(SCHOOL, settings_of(home), as_of=MONDAYS[name], progress=note)
    if result.mode != MODES[name]:
        raise SystemExit(f"{name} was built {result.mode}, not {MODES[name]}: nothing was compared")
    Warehouse(settings_of(home)).publish(MONDAYS[name])
    print(json.dumps({"seconds": result.timings, "peaks_mb": peaks}))


def part_floor(home: str, name: str) -> None:
    """Write a floor's tables; print the seconds of its SQL."""
    settings, as_of = settings_of(home), MONDAYS["everything"]
    if name == "panel":
        print(floors.write_panel(settings, as_of=as_of))
    else:
        print(floors.write(name, settings, as_of=as_of, built=built_file(settings)))


def part_check(home: str, name: str) -> None:
    """Hold a floor's tables against the marts; print how many rows are equal."""
    settings = settings_of(home)
    print(floors.check(name, settings, built_file(settings)))


def built_file(settings: Settings) -> Path:
    """The warehouse that was built from nothing."""
    from passerelle.warehouse import Warehouse

    return Warehouse(settings).version(MONDAYS["everything"])


def run_build(home: Path, name: str) -> Measured:
    """Measure the build of a Monday and tell which tables cost most."""
    measured = measure_step(__file__, "build", home, name)
    print(measured.line(f"  {name.replace('_', ' ')}, whole process"))
    dear = sorted(told_by(measured)["seconds"].items(), key=lambda each: -each[1])[:8]
    print("    " + ", ".join(f"{table} {seconds:.2f} s" for table, seconds in dear))
    return measured


def told_by(build: Measured) -> dict[str, dict[str, float]]:
    """What a measured build printed of its tables."""
    told: dict[str, dict[str, float]] = json.loads(build.output.splitlines()[-1])
    return told


def run_floors(home: Path, seconds: dict[str, float], peaks_mb: dict[str, float]) -> None:
    """Measure every floor beside our models, check it, and print the ratios."""
    total_floor = 0.0
    for name, models in MODELS.items():
        floor = measure_step(__file__, "floor", home, name)
        ours, theirs = sum(seconds.get(model, 0) for model in models), float(floor.output)
        peak_mb = max(peaks_mb.get(model, 0) for model in models)
        print(
            f"  {name:<17} ours {ours:7.2f} s and {peak_mb:5.0f} MB,"
            f" floor {theirs:7.2f} s and {floor.peak_mb:5.0f} MB: {ours / theirs:5.2f} x"
        )
        print(f"    equal: {measure_step(__file__, 'check', home, name).output.strip()} rows")
        total_floor += theirs
    total = sum(seconds.get(model, 0) for model in set().union(*MODELS.values()))
    everything = sum(seconds.values())
    print(
        f"  all of them       ours {total:7.2f} s, floor {total_floor:7.2f} s: {total / total_floor:5.2f} x"
        f" ({total / everything:.0%} of the {everything:.2f} s of all tables)"
    )


def run(home: Path, learners: int, *, week: bool) -> None:
    """Measure the school, and unless told otherwise one more week of it and of its last tenth."""
    a_week = max(2 * COHORT_SIZE, learners // MOST_WEEKS)
    weeks = []
    for size in (learners // 10, learners) if week else (learners,):
        school = home / str(size)
        school.mkdir(parents=True, exist_ok=True)
        facts = measure_step(__file__, "land", school, size, size // a_week).output.split()[-1]
        print(
            f"{size:,} learners over {size // a_week} weeks, {int(facts):,} facts of attendance, activity and work"
        )
        everything = run_build(school, "everything")
        if size == learners:
            run_floors(school, **told_by(everything))
        if week:
            weeks.append(run_build(school, "one_more_week"))
    if week:
        ratio = weeks[1].wall_s / weeks[0].wall_s
        print(f"one more week with ten times the history: {ratio:.2f} x (goal: at most 1.3)")


def main() -> None:
    """Run the benchmark, or one part of it in a child process."""
    parts = {"land": part_land, "build": part_build, "floor": part_floor, "check": part_check}
    if len(sys.argv) > 3 and sys.argv[1] in parts:
        parts[sys.argv[1]](*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, default=16_000)
    parser.add_argument("--home", type=Path, help="state folder to keep, and to carry on in")
    parser.add_argument("--no-week", action="store_true", help="only the full build and its floors")
    asked = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    with contextlib.ExitStack() as stack:
        home = asked.home or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        run(home, asked.learners, week=not asked.no_week)


if __name__ == "__main__":
    main()
