"""The enrolment-week panel: dbt's models beside hand-written SQL over the same parquet, and one new week beside all.

    python benchmarks/bench_build.py [--enrolments 32000]

Lands a school of cohorts of 25, 40 weeks, about 6.5 facts per enrolment and week, 6 % of them known in a later week
and 1 % corrected. Then, each in its own process: the floor (one tuned statement), the full build, the build of one
new week, and a full build of that same week. The panel is checked cell by cell against the naive question of
``tests/integration/naive_panel.sql`` on three Mondays, against the floor, and new week against full build.

Two times are told for a build: its panel models as dbt measures them (what the SQL costs, dbt's own work around each
model included), and the whole process (imports, parsing, all other tables and tests).
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measure import measure_part

from passerelle.settings import PROJECT_DIR, Settings

SCHOOL = "ai_school"
START = dt.date(2026, 1, 5)
WEEKS = 40
COHORT_SIZE = 25
LATE_SHARE, CORRECTED_SHARE = 0.06, 0.01
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
    return START + dt.timedelta(weeks=week)


class Lander:
    """Lands made-up facts, some late and some corrected."""

    def __init__(self, settings: Settings, seed: int = 7) -> None:
        self.settings = settings
        self.random = np.random.default_rng(seed)

    def known_at(self, days: np.ndarray) -> np.ndarray:
        """In the evening of the day, or for a few one to four weeks later; in microseconds."""
        late = self.random.random(len(days)) < LATE_SHARE
        wait = np.where(
            late,
            self.random.integers(7, 28, len(days)) * 86_400,
            self.random.integers(0, 6 * 3600, len(days)),
        )
        seconds = days.astype("datetime64[s]").astype(np.int64) + 16 * 3600 + wait
        return seconds * 1_000_000

    def facts(
        self, table: str, days: np.ndarray, columns: dict[str, np.ndarray], **changed: np.ndarray
    ) -> int:
        """Land one table: every fact, and for a few a later version with the changed columns."""
        known_at = self.known_at(days)
        again = np.flatnonzero(self.random.random(len(days)) < CORRECTED_SHARE)
        wait = self.random.integers(1, 30, len(again)) * 86_400 * 1_000_000
        both = {
            name: np.concatenate([values, changed.get(name, values)[again]])
            for name, values in columns.items()
        }
        known = np.concatenate([known_at, known_at[again] + wait])
        is_correction = np.arange(len(known)) >= len(days)
        order = np.argsort(known // (7 * 86_400 * 1_000_000), kind="stable")
        self.land(
            "lms",
            table,
            {name: values[order] for name, values in both.items()},
            known[order],
            is_correction[order],
        )
        return len(known)

    def land(
        self,
        system: str,
        table: str,
        columns: dict[str, np.ndarray],
        known_at: np.ndarray,
        is_correction: np.ndarray | None = None,
    ) -> None:
        """Write one parquet file in the shape of the landing."""
        marks = np.zeros(len(known_at), bool) if is_correction is None else is_correction
        own = {"_known_at": pa.array(known_at, pa.timestamp("us")), "_is_correction": marks}
        path = self.settings.part("landing", system, table, "bench.parquet")
        pq.write_table(pa.table({**columns, **own, "_load_id": pa.array(["bench"] * len(known_at))}), path)


def land_school(settings: Settings, enrolments: int) -> int:
    """Land the whole school; gives back the number of heavy facts."""
    sys.path.insert(0, str(PROJECT_DIR / "tests"))
    from little_school import land_nothing

    land_nothing(settings)
    lander = Lander(settings)
    number = np.arange(enrolments)
    ids = np.array([f"E{i:07d}" for i in number], dtype=object)
    _land_people(lander, ids, number // COHORT_SIZE)
    half_days = np.tile(np.repeat(np.arange(WEEKS) * 7, 4) + np.tile([0, 0, 2, 3], WEEKS), enrolments)
    days = np.datetime64(START) + half_days
    marks = np.array(["present", "late", "excused", "absent"], dtype=object)
    columns = {
        "enrolment_no": np.repeat(ids, WEEKS * 4),
        "session_date": days,
        "session_part": np.tile(np.array(["am", "pm", "am", "pm"], dtype=object), WEEKS * enrolments),
        "mark": marks[lander.random.choice(4, len(days), p=[0.8, 0.08, 0.05, 0.07])],
    }
    count = lander.facts("attendance", days, columns, mark=marks[lander.random.integers(0, 4, len(days))])
    who, day = np.nonzero(lander.random.random((enrolments, WEEKS * 7)) < 2.2 / 7)
    days = np.datetime64(START) + day
    actions = lander.random.integers(0, 60, len(days))
    columns = {"enrolment_no": ids[who], "activity_date": days, "action_count": actions}
    count += lander.facts("activity", days, columns, action_count=actions + 3)
    return count + _land_work(lander, ids)


def _land_people(lander: Lander, ids: np.ndarray, cohort: np.ndarray) -> None:
    cohorts = np.unique(cohort)
    day = np.datetime64(START)

    def known(size: int, before: int) -> np.ndarray:
        return np.full(size, (day - before).astype("datetime64[us]").astype(np.int64))

    def same(value: object, size: int) -> np.ndarray:
        return np.full(size, value, dtype=object)

    codes = np.array([f"C{i:05d}" for i in cohorts], dtype=object)
    lander.land(
        "sis",
        "cohort",
        {
            "cohort_code": codes,
            "training_code": same("T1", len(codes)),
            "campus": same("Ghent", len(codes)),
            "region": same("VLG", len(codes)),
            "employment_service": same("vdab", len(codes)),
            "start_date": np.full(len(codes), day),
            "training_end_date": np.full(len(codes), day + 7 * WEEKS),
            "internship_end_date": np.full(len(codes), day + 7 * WEEKS),
        },
        known(len(codes), 90),
    )
    learners = np.array([f"lrn_{i:016x}" for i in range(len(ids))], dtype=object)
    lander.land(
        "sis",
        "enrolment",
        {
            "enrolment_no": ids,
            "learner_no": learners,
            "cohort_code": codes[cohort],
            "enrolled_date": np.full(len(ids), day - 40),
            "prior_attempts_count": np.zeros(len(ids), np.int64),
            "wants_work_in_field": np.ones(len(ids), dtype=bool),
        },
        known(len(ids), 39),
    )
    left = np.flatnonzero(lander.random.random(len(ids)) < 0.18)
    gone = day + lander.random.integers(7, 7 * WEEKS, len(left))
    statuses = np.concatenate([same("started", len(ids)), same("dropped_out", len(left))])
    effective = np.concatenate([np.full(len(ids), day), gone])
    lander.land(
        "sis",
        "enrolment_status",
        {
            "status_no": np.arange(len(statuses)).astype(str).astype(object),
            "enrolment_no": np.concatenate([ids, ids[left]]),
            "status": statuses,
            "effective_date": effective,
            "reason_code": same(None, len(statuses)),
        },
        lander.known_at(effective),
    )


def _land_work(lander: Lander, ids: np.ndarray) -> int:
    works = 12
    cohort = np.arange(len(ids)) // COHORT_SIZE
    due_days = np.datetime64(START) + (np.arange(works) + 1) * 21 - 3
    cohorts = np.unique(cohort)
    names = np.array([[f"A{i:05d}-{work}" for work in range(works)] for i in cohorts], dtype=object)
    size = names.size
    lander.land(
        "lms",
        "assignment",
        {
            "assignment_no": names.ravel(),
            "cohort_code": np.repeat(np.array([f"C{i:05d}" for i in cohorts], dtype=object), works),
            "assignment_type": np.full(size, "project", dtype=object),
            "due_date": np.tile(due_days, len(cohorts)),
            "weight_pct": np.full(size, 8.0),
        },
        np.full(size, np.datetime64(START - dt.timedelta(days=30)).astype("datetime64[us]").astype(np.int64)),
    )
    who, work = np.nonzero(lander.random.random((len(ids), works)) < 0.9)
    submitted = due_days[work] + lander.random.integers(-5, 6, len(who))
    score = np.round(lander.random.uniform(30, 95, len(who)), 1)
    columns = {
        "assignment_no": names[cohort[who], work],
        "enrolment_no": ids[who],
        "submitted_date": submitted,
        "due_date": due_days[work],
        "score_pct": score,
    }
    return lander.facts("submission", submitted, columns, score_pct=score + 5)


def part_floor(home: Path, week: int) -> None:
    """Write the floor's panel beside the warehouse and print its seconds of SQL."""
    landing = Settings(school=SCHOOL, home=home).part("landing", "_").parent
    with duckdb.connect(str(home / "floor.duckdb")) as connection:
        connection.execute("set threads = 2")
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
    result = transform.build(SCHOOL, settings, as_of=monday(week), full_refresh=full)
    Warehouse(settings).publish(monday(week))
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
        connection.execute(f"attach '{settings.part('warehouse', 'passerelle.duckdb')}' as built (read_only)")
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
        for name in ("one_week", "whole"):
            connection.execute(f"attach '{home / name / 'passerelle.duckdb'}' as {name} (read_only)")
        different = connection.execute(
            "with ours as (from one_week.marts.fct_enrolment_week), theirs as (from whole.marts.fct_enrolment_week)"
            " select count(*) from ((from ours except all from theirs) union all (from theirs except all from ours))"
        ).fetchall()[0][0]
    if different:
        raise SystemExit(f"one week on top and a full build differ in {different} rows")
    print("  one week on top equals a full build, row by row")


def run(enrolments: int) -> None:
    """Measure everything and print it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        count = land_school(Settings(school=SCHOOL, home=home), enrolments)
        print(f"{enrolments:,} enrolments, {WEEKS} weeks, {count:,} facts")
        script = str(Path(__file__))
        measured = {
            "floor": measure_part(script, "floor", str(home), str(WEEKS)),
            "before": measure_part(script, "full", str(home), str(WEEKS - 1)),
            "one week": measure_part(script, "one_week", str(home), str(WEEKS)),
        }
        _set_aside(home, "one_week")
        measured["full"] = measure_part(script, "full", str(home), str(WEEKS))
        _set_aside(home, "whole")
        for name in ("floor", "full", "one week"):
            print(measured[name].line(f"{name}, whole process", floor=measured["floor"]))
        seconds = {name: json.loads(one.output.splitlines()[-1])["seconds"] for name, one in measured.items()}
        print(
            "panel only: "
            + ", ".join(f"{name} {seconds[name]:.2f} s" for name in ("floor", "full", "one week"))
        )
        print(f"  full / floor    {seconds['full'] / seconds['floor']:5.2f} (reach: at most 1.5)")
        print(f"  full / one week {seconds['full'] / seconds['one week']:5.2f} (reach: at least 10)")
        check(home)
        _compare_builds(home)


def _set_aside(home: Path, name: str) -> None:
    (home / name).mkdir()
    shutil.copyfile(home / "warehouse" / "passerelle.duckdb", home / name / "passerelle.duckdb")


def main() -> None:
    """Run the benchmark, or one part of it in a child process."""
    if len(sys.argv) > 2 and sys.argv[1] in ("floor", "full", "one_week"):
        part, home, week = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
        part_floor(home, week) if part == "floor" else part_build(home, week, full=part == "full")
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--enrolments", type=int, default=32_000)
    run(parser.parse_args().enrolments)


if __name__ == "__main__":
    main()
