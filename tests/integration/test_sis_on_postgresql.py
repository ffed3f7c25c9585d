"""The student information system on a real PostgreSQL server gives the landing what it gives on SQLite."""

from __future__ import annotations

import datetime as dt
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from passerelle.demo_school import World, load_config, simulate, write_systems
from passerelle.landing import Landing
from passerelle.school import load_system
from passerelle.settings import Settings
from passerelle.sources import pull_school

OCTOBER, NOVEMBER = dt.date(2026, 10, 26), dt.date(2026, 11, 23)
TABLES = list(load_system("ai_school", "sis").tables)
KEY = "a key for tests alone, long enough to be one"


@pytest.fixture(scope="session")
def postgresql_programs() -> Path:
    """Folder of initdb and pg_ctl; in CI they must be there."""
    on_path = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    found = Path(on_path).parent if on_path else next(iter(reversed(folders)), None)
    if found is None:
        reason = (
            "PostgreSQL tests left out: no initdb on the path or in /usr/lib/postgresql; install postgresql"
        )
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return found


@pytest.fixture(scope="session")
def server_url(postgresql_programs: Path) -> Iterator[str]:
    """URL of an empty database on a server of our own, reached by a socket; it refuses to run as root."""
    folder = Path(tempfile.mkdtemp(prefix="sis_on_postgresql_"))
    user = _unprivileged_user()
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        command = [postgresql_programs / program, "--pgdata", folder / "data", *arguments]
        log = folder / "programs.log"
        with log.open("a") as output:
            subprocess.run(
                command, user=user, cwd=folder, stdout=output, stderr=output, check=True, timeout=120
            )

    try:
        run("initdb", "--username=sis", "--auth=trust", "--no-sync", "--encoding=UTF8", "--no-locale")
        run(
            "pg_ctl",
            "start",
            "--wait",
            "-o",
            f"-c listen_addresses= -c fsync=off -k {folder}",
            "--log",
            f"{folder}/log",
        )
        yield f"postgresql+psycopg2://sis@/postgres?host={folder}"
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            run("pg_ctl", "stop", "--wait", "--mode=immediate")
        shutil.rmtree(folder)


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@pytest.fixture
def database_url(server_url: str) -> Iterator[str]:
    name = f"sis_{uuid4().hex}"
    server = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    yield server_url.replace("/postgres?", f"/{name}?")
    server.dispose()


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
    world: World, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes = {}
    for kind, url in {"postgresql": database_url, "sqlite": f"sqlite:///{tmp_path / 'sis.sqlite'}"}.items():
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


def test_later_day_adds_to_the_journal_and_the_same_day_adds_nothing(world: World, database_url: str) -> None:
    first = write_systems(world, {"sis": database_url}, now=OCTOBER)
    again = write_systems(world, {"sis": database_url}, now=OCTOBER)
    later = write_systems(world, {"sis": database_url}, now=NOVEMBER)
    assert first["sis"] > later["sis"] > again["sis"] == 0
