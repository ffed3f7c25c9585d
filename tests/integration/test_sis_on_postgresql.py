"""The student information system on a real PostgreSQL server gives the landing what it gives on SQLite."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from passerelle.demo_school import World, load_config, simulate, write_systems
from passerelle.landing import Landing
from passerelle.school import load_system
from passerelle.settings import Settings
from passerelle.sources import pull_school

OCTOBER, NOVEMBER = dt.date(2026, 10, 26), dt.date(2026, 11, 23)
TABLES = list(load_system("ai_school", "sis").tables)
KEY = "a key for tests alone, long enough to be one"


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(load_config("ai_school"), learners=500)


def use_systems(monkeypatch: pytest.MonkeyPatch, folder: Path, *, sis_url: str) -> dict[str, str]:
    """Point the school at systems under a folder and a student database; give their places."""
    places = {name: str(folder / name) for name in ("lms", "vdab", "forem", "actiris", "survey")} | {
        "sis": sis_url
    }
    for name, place in places.items():
        monkeypatch.setenv(load_system("ai_school", name).location_env, place)
    return places


def landed(settings: Settings, table: str) -> pd.DataFrame:
    files = Landing(settings).accepted_files("sis", table)
    rows = pd.concat([pq.read_table(file).to_pandas() for file in files], ignore_index=True)
    return rows.drop(columns="_load_id").sort_values([*rows.columns[:2], "_known_at"], ignore_index=True)


def test_postgresql_and_sqlite_land_the_same_rows_in_two_steps(
    world: World, empty_postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes = {}
    for kind, url in {
        "postgresql": empty_postgresql_url,
        "sqlite": f"sqlite:///{tmp_path / 'sis.sqlite'}",
    }.items():
        homes[kind] = Settings(school="ai_school", home=tmp_path / kind, key=KEY)
        places = use_systems(monkeypatch, tmp_path / f"{kind}_systems", sis_url=url)
        for now in (OCTOBER, NOVEMBER):
            written = write_systems(world, places, now=now)
            pulled = pull_school("ai_school", homes[kind])
            Landing(homes[kind]).accept()
            assert sum(pulled.rows[f"sis.{table}"] for table in TABLES) == written["sis"] > 0
    for table in TABLES:
        rows = landed(homes["postgresql"], table)
        assert len(rows) > 0
        pd.testing.assert_frame_equal(rows, landed(homes["sqlite"], table))


def test_later_day_adds_to_the_journal_and_the_same_day_adds_nothing(
    world: World, empty_postgresql_url: str
) -> None:
    first = write_systems(world, {"sis": empty_postgresql_url}, now=OCTOBER)
    again = write_systems(world, {"sis": empty_postgresql_url}, now=OCTOBER)
    later = write_systems(world, {"sis": empty_postgresql_url}, now=NOVEMBER)
    assert first["sis"] > later["sis"] > again["sis"] == 0
