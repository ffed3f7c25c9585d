"""The embedded Airflow: its settings, database, secrets and logs, all in the school's state folder."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

from passerelle.atomic import write_atomically
from passerelle.errors import ConfigError
from passerelle.orchestration.tasks import WAREHOUSE_POOL
from passerelle.settings import PROJECT_DIR, Settings, environment_value

DAGS_DIR = PROJECT_DIR / "dags"


def environment(settings: Settings) -> dict[str, str]:
    """Variables that make Airflow and MLflow's page live in the state folder, on this machine only, untracked."""
    home = settings.part("airflow", "airflow.cfg").parent
    home.chmod(0o700)
    logs = settings.part("logs", "airflow")
    port = environment_value("PASSERELLE_AIRFLOW_PORT") or "8080"
    return {
        "PASSERELLE_SCHOOL": settings.school,
        "PASSERELLE_HOME": str(settings.state_dir),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_CONFIG": str(home / "airflow.cfg"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS_DIR),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": port,
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(logs),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(logs / "dag_processor"),
        "DO_NOT_TRACK": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    } | _kept_secrets(home / "secrets.json")


def _kept_secrets(path: Path) -> dict[str, str]:
    """Airflow's own keys: made once, kept with owner-only permissions."""
    if not path.exists():
        made = {
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
            "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(64),
            "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        write_atomically(path, json.dumps(made).encode(), mode=0o600)
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


@contextlib.contextmanager
def alone_in(settings: Settings) -> Iterator[None]:
    """Hold the embedded Airflow for one process.

    Raises
    ------
    ConfigError
        Another process runs a week, or the services are up, on this state folder.
    """
    with settings.part("airflow", "in_use.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigError(
                f"Airflow is already running on {settings.state_dir}",
                allowed="one `make run` or `make up` at a time per PASSERELLE_HOME",
                fix="wait for it or stop it; while `make up` runs, trigger the DAGs in its web page",
            ) from error
        yield


def migrate(settings: Settings) -> None:
    """Create or bring up to date Airflow's database, and the pool that lets one task write the warehouse.

    Raises
    ------
    ConfigError
        This process already uses another Airflow home.
    """
    wanted = environment(settings)
    if "airflow" in sys.modules and environment_value("AIRFLOW_HOME") != wanted["AIRFLOW_HOME"]:
        raise ConfigError(
            f"this process already uses the Airflow of {environment_value('AIRFLOW_HOME')}",
            allowed="one Airflow home per process",
            fix="start another process for another school",
        )
    os.environ.update(wanted)
    from airflow.models.pool import Pool
    from airflow.utils.db import initdb

    initdb()
    Pool.create_or_update_pool(
        WAREHOUSE_POOL,
        slots=1,
        description="DuckDB has one writer: tasks that build or publish the warehouse wait for each other.",
        include_deferred=False,
    )
