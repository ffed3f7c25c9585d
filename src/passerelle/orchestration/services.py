"""The services until stopped: Airflow's scheduler, DAG processor and web server, MLflow's page, and the coach's desk.

Every service leads a session of its own. Stopping asks each session to end and then ends what is left of it, so
that no scheduler, worker or running task outlives this process.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console

from passerelle.errors import ConfigError, PasserelleError
from passerelle.orchestration.embedded import alone_in, environment, migrate
from passerelle.orchestration.week import printed_to
from passerelle.school import load_school
from passerelle.settings import Settings, environment_value

AIRFLOW_PORT, MLFLOW_PORT, DESK_PORT = (
    "PASSERELLE_AIRFLOW_PORT",
    "PASSERELLE_MLFLOW_PORT",
    "PASSERELLE_DESK_PORT",
)
START_DESK = "from passerelle.cli import main; main()"
STARTS_WITHIN_SECONDS = 180
STOPS_WITHIN_SECONDS = 30


@dataclass(frozen=True)
class Service:
    """A running service: its name, its process (leader of a session) and its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path


def up(school: str, *, console: Console) -> None:
    """Run the services, schedules on, until Ctrl-C or a termination signal.

    Parameters
    ----------
    school : str
        Folder name under ``schools/``.
    console : rich.console.Console
        Where addresses and progress are shown.

    Raises
    ------
    ConfigError
        A port is taken, or Airflow already runs on this state folder.
    PasserelleError
        A service did not start, or ended by itself; the others have been stopped.
    """
    settings = Settings(school=school)
    variables = environment(settings)
    airflow_port, mlflow_port = int(variables["AIRFLOW__API__PORT"]), _mlflow_port()
    with alone_in(settings), _interrupted_by_signals():
        ports = {AIRFLOW_PORT: airflow_port, MLFLOW_PORT: mlflow_port}
        if _has_desk(settings):
            ports[DESK_PORT] = settings.desk_port
        for variable, port in ports.items():
            _refuse_taken_port(port, variable)
        with console.status("preparing Airflow"), printed_to(settings.part("logs", "airflow", "migrate.log")):
            migrate(settings)
        services: list[Service] = []
        try:
            for name, command in _commands(settings, airflow_port, mlflow_port).items():
                services.append(_start(name, command, settings, variables))
            with console.status("starting the services"):
                _wait_until_healthy(services, ports)
            _tell(console, settings, variables, mlflow_port)
            _watch(services)
        except KeyboardInterrupt:
            console.print("stopping")
        finally:
            _stop(services)


def _mlflow_port() -> int:
    return int(environment_value(MLFLOW_PORT) or "5000")


def _refuse_taken_port(port: int, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigError(
                f"port {port} is taken", allowed="a free port", fix=f"set {variable}"
            ) from error


def _commands(settings: Settings, airflow_port: int, mlflow_port: int) -> dict[str, list[str]]:
    """What to start, by name; all of it listens on this machine only."""
    airflow = [sys.executable, "-m", "airflow"]
    mlflow = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--workers", "1"]
    store = f"sqlite:///{settings.part('mlflow', 'mlflow.db')}"
    artifacts = str(settings.part("mlflow", "artifacts"))
    desk = [sys.executable, "-c", START_DESK, "desk", "serve", "--school", settings.school]
    return ({"desk": desk} if _has_desk(settings) else {}) | {
        "scheduler": [*airflow, "scheduler", "--skip-serve-logs"],
        "dag-processor": [*airflow, "dag-processor"],
        "api-server": [*airflow, "api-server", "--host", "127.0.0.1", "--port", str(airflow_port)],
        "mlflow": [
            *mlflow,
            *("--port", str(mlflow_port), "--backend-store-uri", store, "--artifacts-destination", artifacts),
        ],
    }


def _has_desk(settings: Settings) -> bool:
    """Whether the school pulls its coaches' answers; where nobody reads them, nobody is asked."""
    return "desk" in load_school(settings.school).systems


def _start(name: str, command: list[str], settings: Settings, variables: dict[str, str]) -> Service:
    log = settings.part("logs", f"{name}.log")
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env=os.environ | variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Service(name, process, log)


def _wait_until_healthy(services: list[Service], ports: dict[str, int]) -> None:
    """Wait until Airflow says that its parts beat, and the others answer."""
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    others = [port for variable, port in ports.items() if variable != AIRFLOW_PORT]
    while not (
        _airflow_is_healthy(ports[AIRFLOW_PORT])
        and all(_answer(f"http://127.0.0.1:{port}/health") for port in others)
    ):
        _refuse_ended(services)
        if time.monotonic() > deadline:
            logs = services[0].log.parent
            raise PasserelleError(
                f"the services did not start in {STARTS_WITHIN_SECONDS} s", fix=f"see {logs}"
            )
        time.sleep(1)


def _airflow_is_healthy(port: int) -> bool:
    answer = _answer(f"http://127.0.0.1:{port}/api/v2/monitor/health")
    parts = json.loads(answer) if answer else {}
    return all(
        parts.get(part, {}).get("status") == "healthy"
        for part in ("metadatabase", "scheduler", "dag_processor")
    )


def _answer(address: str) -> bytes:
    """Body of a page of this machine; empty while nobody answers."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(address, timeout=5) as response:
            body: bytes = response.read()
            return body
    except (urllib.error.URLError, OSError):
        return b""


def _tell(console: Console, settings: Settings, variables: dict[str, str], mlflow_port: int) -> None:
    passwords = variables["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]
    lines = (
        f"Airflow  {variables['AIRFLOW__API__BASE_URL']}  user admin, password in {passwords}",
        f"MLflow   http://127.0.0.1:{mlflow_port}",
        *(
            [f"Desk     {settings.desk_address}  (opened by the links in the reports)"]
            if _has_desk(settings)
            else []
        ),
        f"Logs     {settings.part('logs', '_').parent}",
        "The schedules are on. Ctrl-C stops everything.",
    )
    console.print("\n".join(lines), highlight=False, soft_wrap=True)


def _watch(services: list[Service]) -> None:
    while True:
        _refuse_ended(services)
        time.sleep(1)


def _refuse_ended(services: list[Service]) -> None:
    for service in services:
        if service.process.poll() is not None:
            raise PasserelleError(
                f"{service.name} ended with code {service.process.returncode}", fix=f"see {service.log}"
            )


def _stop(services: list[Service]) -> None:
    """End every process of every service's session: first by asking, then without."""
    sessions = {service.process.pid for service in services}
    _signal_all(_processes_of(sessions), signal.SIGTERM)
    deadline = time.monotonic() + STOPS_WITHIN_SECONDS
    while _processes_of(sessions) and time.monotonic() < deadline:
        time.sleep(0.2)
    left = _processes_of(sessions)
    _signal_all(left, signal.SIGKILL)
    psutil.wait_procs(left, timeout=5)
    for service in services:
        service.process.wait()


def _signal_all(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _processes_of(sessions: set[int]) -> list[psutil.Process]:
    """Live processes of these sessions, the re-parented and the regrouped ones too."""
    found = []
    for process in psutil.process_iter(["status"]):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(process.pid) in sessions and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


@contextlib.contextmanager
def _interrupted_by_signals() -> Iterator[None]:
    """Let a termination or a closed terminal end the services like Ctrl-C does."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
