"""A week in the foreground that fails in its first task: what is shown, kept and left behind."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import datetime as dt, sys
from rich.console import Console
from passerelle.errors import PasserelleError
from passerelle.orchestration import run_week
try:
    run_week("ai_school", dt.date(2026, 11, 24), console=Console(stderr=True))
except PasserelleError as error:
    print(type(error).__name__, error)
    sys.exit(error.exit_code)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def failed(home: Path) -> subprocess.CompletedProcess[str]:
    """A week asked for as of a Tuesday: the first task refuses it."""
    variables = os.environ | {"PASSERELLE_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def rows(home: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "airflow" / "airflow.db") as database:
        return database.execute(sql).fetchall()


def test_the_tasks_own_error_comes_out_with_its_exit_code(failed: subprocess.CompletedProcess[str]) -> None:
    assert failed.returncode == 2, failed.stderr
    assert failed.stdout.startswith("ConfigError as-of 2026-11-24 is a Tuesday\n  allowed: a Monday")


def test_only_progress_is_shown_and_the_rest_is_in_the_logs(
    failed: subprocess.CompletedProcess[str], home: Path
) -> None:
    dag, *tasks = failed.stderr.strip().splitlines()
    assert dag == "school_data_nightly  2026-11-24"
    assert [task.split()[:2] for task in tasks] == [["✗", "pull"], ["✗", "gate_raw"]]
    (log,) = (home / "logs" / "airflow").glob(
        "dag_id=school_data_nightly/run_id=*/task_id=pull/attempt=1.log"
    )
    assert "is a Tuesday" in log.read_text()
    assert "DagBag" in (home / "logs" / "airflow" / "foreground.log").read_text()


@pytest.mark.usefixtures("failed")
def test_nothing_but_gate_1_runs_after_the_failure_and_nothing_is_left_to_a_scheduler(home: Path) -> None:
    assert rows(home, "select dag_id, state from dag_run") == [("school_data_nightly", "failed")]
    states = dict(rows(home, "select task_id, state from task_instance"))
    assert states.pop("pull") == "failed"
    assert states.pop("gate_raw") == "failed"  # looks at what did arrive; asked for the same Tuesday
    assert set(states.values()) == {"upstream_failed"}
    assert rows(home, "select try_number, max_tries from task_instance where task_id = 'pull'") == [(1, 0)]


@pytest.mark.usefixtures("failed")
def test_the_run_says_what_it_was_asked_for(home: Path) -> None:
    ((conf,),) = rows(home, "select conf from dag_run")
    assert json.loads(str(conf)) == {"school": "ai_school", "as_of": "2026-11-24"}


@pytest.mark.usefixtures("failed")
def test_the_pool_of_one_warehouse_writer_exists(home: Path) -> None:
    assert rows(home, "select slots from slot_pool where pool = 'warehouse_writer'") == [(1,)]
