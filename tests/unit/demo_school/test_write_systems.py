"""What the systems hold on a day: no more than they could know, and only ever more."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from passerelle.demo_school import DemoSchool, World, simulate, write_systems
from passerelle.errors import ConfigError, UnreachableSource

OCTOBER, NOVEMBER = dt.date(2026, 10, 26), dt.date(2026, 11, 23)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.csv"))}


def journal(folder: Path, table: str) -> pd.DataFrame:
    with sqlite3.connect(folder / "sis.sqlite") as connection:
        return pd.read_sql(f"select * from {table} order by updated_at, 1, 2", connection)


def lms_rows(folder: Path, table: str) -> list[str]:
    files = sorted((folder / "lms").glob(f"{table}_*.csv"))
    return sorted(line for file in files for line in file.read_text().splitlines()[1:])


@pytest.fixture(scope="session")
def october(small_world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("october")
    write_systems(small_world, folder, now=OCTOBER)
    return folder


@pytest.fixture
def copy(october: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(october, tmp_path / "copy"))


def test_every_system_holds_something(october: Path) -> None:
    assert {path.name for path in october.iterdir()} == {
        "sis.sqlite",
        "lms",
        "vdab",
        "forem",
        "actiris",
        "survey",
    }
    assert len(contents(october)) > 50
    for table in ("learner", "cohort", "enrolment", "enrolment_status", "internship", "support_action"):
        assert len(journal(october, table)) > 0


def test_nothing_is_known_from_the_day_itself_on(october: Path) -> None:
    dates = {name.rsplit("_", 1)[1].removesuffix(".csv") for name in contents(october)}
    assert max(dates) < OCTOBER.isoformat()
    midnight_in_utc = "2026-10-25 23:00:00"  # winter time began that Sunday
    newest = journal(october, "enrolment_status")["updated_at"].max()
    assert "2026-09-01" < newest < midnight_in_utc


def test_second_write_of_the_same_day_changes_nothing(small_world: World, copy: Path) -> None:
    before, rows = contents(copy), journal(copy, "enrolment")
    assert set(write_systems(small_world, copy, now=OCTOBER).values()) == {0}
    assert contents(copy) == before
    pd.testing.assert_frame_equal(journal(copy, "enrolment"), rows)


def test_later_day_only_adds(small_world: World, october: Path, copy: Path) -> None:
    written = write_systems(small_world, copy, now=NOVEMBER)
    before, after = contents(october), contents(copy)
    assert before.items() <= after.items()
    assert {name.split("_")[0] for name in after.keys() - before.keys()} >= {"lms/attendance", "lms/activity"}
    assert written["sis"] > 0
    old, new = journal(october, "enrolment_status"), journal(copy, "enrolment_status")
    pd.testing.assert_frame_equal(new.iloc[: len(old)], old)


@pytest.mark.parametrize("first", [dt.date(2021, 3, 1), OCTOBER])
def test_two_steps_hold_what_one_step_holds(small_world: World, tmp_path: Path, first: dt.date) -> None:
    in_steps, at_once = tmp_path / "steps", tmp_path / "once"
    write_systems(small_world, in_steps, now=first)
    write_systems(small_world, in_steps, now=NOVEMBER)
    write_systems(small_world, at_once, now=NOVEMBER)
    for table in ("attendance", "activity", "assignment", "submission"):
        assert lms_rows(in_steps, table) == lms_rows(at_once, table)
    for table in ("learner", "enrolment_status", "caseload", "internship"):
        pd.testing.assert_frame_equal(journal(in_steps, table), journal(at_once, table))
    for system in ("vdab", "forem", "actiris", "survey"):
        assert contents(in_steps / system) == contents(at_once / system)


def test_history_comes_as_one_file_a_year_and_then_every_night(demo_world: World, tmp_path: Path) -> None:
    write_systems(demo_world, {"lms": str(tmp_path / "lms")}, now=NOVEMBER)
    dates = sorted(path.stem.split("_")[1] for path in (tmp_path / "lms").glob("attendance_*.csv"))
    assert dates[:8] == [f"{year}-12-31" for year in range(2018, 2026)]
    assert dates[8] == "2026-09-30"
    assert dates[-1] in {"2026-11-20", "2026-11-21", "2026-11-22"}
    assert len(dates) > 8 + 30


def test_folder_of_somebody_else_is_refused_and_left_alone(small_world: World, tmp_path: Path) -> None:
    (tmp_path / "lms").mkdir()
    (tmp_path / "lms" / "attendance_2020-01-01.csv").write_text("real")
    with pytest.raises(ConfigError, match="did not make"):
        write_systems(small_world, {"lms": str(tmp_path / "lms")}, now=OCTOBER)
    assert [path.name for path in (tmp_path / "lms").iterdir()] == ["attendance_2020-01-01.csv"]


def test_database_of_somebody_else_is_refused_and_left_alone(small_world: World, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "real.sqlite") as connection:
        connection.execute("create table learner (name text)")
    with pytest.raises(ConfigError, match="did not make"):
        write_systems(small_world, {"sis": f"sqlite:///{tmp_path / 'real.sqlite'}"}, now=OCTOBER)
    with sqlite3.connect(tmp_path / "real.sqlite") as connection:
        assert connection.execute("select name from sqlite_master").fetchall() == [("learner",)]


def test_another_play_is_refused(config: DemoSchool, copy: Path) -> None:
    other = simulate(config, seed=1, learners=500)
    before = contents(copy)
    with pytest.raises(ConfigError, match="another play"):
        write_systems(other, copy, now=NOVEMBER)
    assert contents(copy) == before


def test_database_that_does_not_answer_is_named_without_its_password(small_world: World) -> None:
    url = "postgresql+psycopg2://sis:hushhush@127.0.0.1:1/sis"
    with pytest.raises(UnreachableSource) as caught:
        write_systems(small_world, {"sis": url}, now=OCTOBER)
    assert "127.0.0.1:1" in str(caught.value)
    assert "hushhush" not in str(caught.value)
