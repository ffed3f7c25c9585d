"""The services, really started: healthy, on this machine only, running what is due, and gone when stopped."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from passerelle.orchestration import WEEK

pytestmark = pytest.mark.slow
READY = "The schedules are on"


@dataclass
class Up:
    """A running ``passerelle up``."""

    process: subprocess.Popen[bytes]
    home: Path
    port: int
    output: Path

    def call(self, path: str, body: dict[str, Any] | None = None, *, token: str = "") -> Any:
        """Ask Airflow's web server."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return json.load(answer)

    def token(self) -> str:
        password = json.loads((self.home / "airflow" / "passwords.json").read_text())["admin"]
        found: str = self.call("/auth/token", {"username": "admin", "password": password})["access_token"]
        return found

    def processes(self) -> set[psutil.Process]:
        """Every process that ``up`` has started, whatever group or title it has given itself."""
        return set(psutil.Process(self.process.pid).children(recursive=True))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Any, *, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.5)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    home, port = tmp_path_factory.mktemp("up"), free_port()
    variables = os.environ | {
        "PASSERELLE_HOME": str(home),
        "PASSERELLE_AIRFLOW_PORT": str(port),
        "PASSERELLE_MLFLOW_PORT": str(free_port()),
        "PASSERELLE_DESK_PORT": str(free_port()),
    }
    output = home / "up.txt"
    with output.open("wb") as shown:
        command = [str(Path(sys.executable).with_name("passerelle")), "up", "--school", "ai_school"]
        process = subprocess.Popen(
            command, env=variables, stdout=shown, stderr=subprocess.STDOUT, start_new_session=True
        )
    started = Up(process, home, port, output)
    try:
        wait_for(
            lambda: READY in output.read_text() or process.poll() is not None, seconds=240, what="services"
        )
        assert READY in output.read_text(), output.read_text()
        yield started
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=60)


def test_addresses_and_the_place_of_the_password_are_shown_but_not_the_password(up: Up) -> None:
    shown = up.output.read_text()
    assert f"http://127.0.0.1:{up.port}" in shown
    passwords = up.home / "airflow" / "passwords.json"
    assert str(passwords) in shown
    assert json.loads(passwords.read_text())["admin"] not in shown


def test_everything_listens_on_this_machine_only(up: Up) -> None:
    listening = [
        connection.laddr.ip
        for process in up.processes()
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 2
    assert set(listening) == {"127.0.0.1"}


def test_the_three_schedules_are_on(up: Up) -> None:
    token = up.token()
    wait_for(lambda: up.call("/api/v2/dags", token=token)["total_entries"] == 3, seconds=60, what="DAGs")
    listed = up.call("/api/v2/dags", token=token)["dags"]
    assert {dag["dag_id"] for dag in listed} == set(WEEK)
    assert all(not dag["is_paused"] and dag["next_dagrun_run_after"] for dag in listed)
    assert up.call("/api/v2/importErrors", token=token)["total_entries"] == 0


def test_the_scheduler_runs_a_task_and_does_not_repeat_what_cannot_mend_itself(up: Up) -> None:
    token, runs = up.token(), "/api/v2/dags/outlook_training/dagRuns"
    wait_for(lambda: up.call("/api/v2/dags", token=token)["total_entries"] == 3, seconds=60, what="DAGs")
    asked = {"logical_date": None, "conf": {"as_of": "2026-11-24"}}
    run = f"{runs}/{urllib.parse.quote(up.call(runs, asked, token=token)['dag_run_id'])}"
    wait_for(lambda: up.call(run, token=token)["state"] == "failed", seconds=90, what="failed run")
    tasks = {told["task_id"]: told for told in up.call(f"{run}/taskInstances", token=token)["task_instances"]}
    assert (tasks["train"]["state"], tasks["train"]["try_number"]) == ("failed", 1)
    assert tasks["promote_first"]["state"] == "upstream_failed"
    log = json.dumps(up.call(f"{run}/taskInstances/train/logs/1", token=token))
    assert "as-of 2026-11-24 is a Tuesday" in log


def test_stopping_ends_every_process(up: Up) -> None:
    started = up.processes()
    assert len(started) >= 5
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(timeout=60) == 0
    assert [process for process in started if process.is_running()] == []
