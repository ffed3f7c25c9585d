"""The same Monday once more, without Airflow this time: the same marts, scores and reports, and nothing new pulled."""

import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from demo_week import Week, passerelle

pytestmark = pytest.mark.slow


def marts(home: Path) -> dict[str, str]:
    """Digest of every published mart, its rows in order."""
    with duckdb.connect(str(home / "warehouse" / "passerelle.duckdb"), read_only=True) as warehouse:
        named = warehouse.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts' order by table_name"
        ).fetchall()
        return {
            name: warehouse.execute(
                f"select md5(string_agg(md5(row_text), '' order by row_text)) from "
                f"(select cast({name} as text) as row_text from marts.{name})"
            ).fetchall()[0][0]
            for (name,) in named
        }


def files(home: Path, *parts: str) -> dict[str, str]:
    """Digest of every file under a folder of the state."""
    folder = home.joinpath(*parts)
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def state(home: Path) -> dict[str, str]:
    """Digest of everything that a week promises."""
    return marts(home) | files(home, "landing", "outlook") | files(home, "reports") | files(home, "outbox")


def test_a_second_run_changes_nothing(demo_week: Week) -> None:
    before = state(demo_week.home)
    assert len(before) > 30
    again = passerelle(demo_week.home, "week", "--json")
    assert again.returncode == 0, again.stderr
    assert set(json.loads(again.stdout)["pulled"]["rows"].values()) == {0}
    after = state(demo_week.home)
    assert {name for name in before | after if before.get(name) != after.get(name)} == set()
