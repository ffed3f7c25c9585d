"""The demo school's week on an empty home, through the real DAGs: what `make run` does."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
MONDAY = "2026-11-23"
TASKS = 13


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo_week")


@pytest.fixture(scope="module")
def ran(home: Path) -> subprocess.CompletedProcess[str]:
    variables = os.environ | {"PASSERELLE_HOME": str(home)}
    passerelle = Path(sys.executable).with_name("passerelle")
    for verb in ("demo", "run"):
        last = subprocess.run(
            [passerelle, verb, "--school", "ai_school"],
            env=variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        assert last.returncode == 0, f"passerelle {verb}: {last.stderr}"
    return last


def rows(home: Path, sql: str) -> list[tuple[str | None, ...]]:
    with sqlite3.connect(home / "airflow" / "airflow.db") as database:
        return database.execute(sql).fetchall()


def test_every_task_is_shown_as_done(ran: subprocess.CompletedProcess[str]) -> None:
    assert ran.stderr.count("✓") == TASKS
    assert "✗" not in ran.stderr


@pytest.mark.usefixtures("ran")
def test_the_three_dags_ran_and_the_week_is_the_partition_of_its_monday(home: Path) -> None:
    assert rows(home, "select dag_id, state, partition_key from dag_run order by start_date") == [
        ("school_data_nightly", "success", None),
        ("outlook_training", "success", None),
        ("outlook_weekly", "success", MONDAY),
    ]
    assert rows(home, "select state, count(*) from task_instance group by state") == [("success", TASKS)]


@pytest.mark.usefixtures("ran")
def test_assets_say_what_was_written_and_for_which_monday(home: Path) -> None:
    written = rows(
        home,
        "select asset.name, asset_event.partition_key from asset_event"
        " join asset on asset.id = asset_event.asset_id order by asset_event.id",
    )
    assert written == [
        ("landing", None),
        ("warehouse", None),
        ("support_need_model", None),
        ("scores", MONDAY),
        ("warehouse", MONDAY),
        ("coach_reports", MONDAY),
    ]


@pytest.mark.usefixtures("ran")
def test_the_week_leaves_a_summary_a_warehouse_scores_and_reports(home: Path) -> None:
    summary = json.loads((home / "summary.json").read_text())
    assert summary["as_of"] == MONDAY
    assert (home / "warehouse" / "passerelle.duckdb").stat().st_size > 0
    assert len(list((home / "landing" / "outlook" / "scores").glob(f"{MONDAY}__*.parquet"))) == 1
    assert list((home / "reports" / MONDAY).rglob("*.html"))
    assert list((home / "outbox" / MONDAY).rglob("*.eml"))
