"""A PostgreSQL server of the tests' own, and an empty database on it for each test that asks."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa


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
    folder = Path(tempfile.mkdtemp(prefix="passerelle_postgresql_"))
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
def empty_postgresql_url(server_url: str) -> Iterator[str]:
    name = f"tests_{uuid4().hex}"
    server = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    yield server_url.replace("/postgres?", f"/{name}?")
    server.dispose()
