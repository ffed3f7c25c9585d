"""One week in the foreground: the three DAGs, task after task, in this process.

Each DAG gets a real run, with partition, asset events and XCom, and each task is executed by Airflow's own
in-process task runner: libraries are imported once instead of once a task, and nothing waits for a scheduler.
It differs from a scheduled run in three ways: nothing runs beside it, so no pool is needed; a failed task is not
tried again; and its error is raised. A task that asks a person is left asking: its run stays open for whoever answers
in the web page of ``up``, and the week goes on with the model in force. (``DAG.test`` comes near, but knows no
partitions, sleeps through every retry delay, and waits for the person.)
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console

from passerelle.errors import ConfigError, PasserelleError
from passerelle.orchestration.embedded import DAGS_DIR, alone_in, migrate
from passerelle.settings import Settings

WEEK = ("school_data_nightly", "outlook_training", "outlook_weekly")
BUNDLE = "dags-folder"


def run_week(school: str, as_of: dt.date, *, console: Console) -> None:
    """Run the three DAGs for one Monday in this process, each task shown as it ends.

    Everything that Airflow and the libraries print goes to ``logs/airflow/`` in the state folder, task by task
    where the web page of ``up`` finds it.

    Parameters
    ----------
    school : str
        Folder name under ``schools/``.
    as_of : datetime.date
        The Monday.
    console : rich.console.Console
        Where progress is shown.

    Raises
    ------
    PasserelleError
        A task failed; the tasks and DAGs after it were not run.
    """
    settings = Settings(school=school)
    log = settings.part("logs", "airflow", "foreground.log")
    with alone_in(settings), _kept_for(console), printed_to(log):
        with console.status("starting Airflow"):
            migrate(settings)
            dags = _registered_dags()
        for dag_id in WEEK:
            console.print(f"[bold]{dag_id}[/bold]  {as_of}", highlight=False)
            _run_dag(dags[dag_id], school=school, as_of=as_of, settings=settings, console=console)


def _registered_dags() -> dict[str, Any]:
    """Parse the DAG files and enter them in Airflow's database."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db

    bag = DagBag(str(DAGS_DIR), bundle_path=DAGS_DIR, bundle_name=BUNDLE)
    if bag.import_errors or not set(WEEK) <= set(bag.dags):
        broken = ", ".join(sorted(Path(name).name for name in bag.import_errors)) or "a DAG is missing"
        raise ConfigError(
            f"the DAGs cannot be read: {broken}", fix=f"{DAGS_DIR}; logs/airflow/foreground.log"
        )
    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(bag, BUNDLE, None)
    _warm_up()
    return bag.dags


def _warm_up() -> None:
    """Load the in-process server that tasks report to; the first task would wait seconds for it."""
    import httpx
    from airflow.sdk.execution_time.supervisor import in_process_api_server

    with httpx.Client(
        transport=in_process_api_server().transport, base_url="http://in-process.invalid"
    ) as client:
        client.get("/health/ping")


def _run_dag(dag: Any, *, school: str, as_of: dt.date, settings: Settings, console: Console) -> None:
    """Create a run of a DAG, run its tasks, and raise what failed first."""
    from airflow.utils.session import create_session

    with create_session() as session:
        run = _started_run(dag, school=school, as_of=as_of, session=session)
        failed = _go_on(run, dag, settings=settings, console=console, session=session)
    if failed is not None:
        raise failed


def _go_on(run: Any, dag: Any, *, settings: Settings, console: Console, session: Any) -> BaseException | None:
    """Run the tasks of a run as they become ready, until it ends or only a person can carry on; what failed first."""
    from airflow.utils.state import DagRunState, TaskInstanceState

    failed: BaseException | None = None
    waits = False
    try:
        while run.state == DagRunState.RUNNING and not waits:
            session.expire_all()
            new = run.update_state(session=session)[0]
            answered = run.get_task_instances(state=[TaskInstanceState.SCHEDULED], session=session)
            for instance in (*new, *answered):
                instance.try_number += instance.next_method is None
                instance.set_state(TaskInstanceState.QUEUED, session=session)
                session.commit()
                error = _run_task(dag.task_dict[instance.task_id], instance, settings, console)
                failed = failed or error
            session.commit()
            asking = run.get_task_instances(state=[TaskInstanceState.AWAITING_INPUT], session=session)
            waits = bool(asking) and not new and not answered
    finally:
        if run.state == DagRunState.RUNNING and not waits:
            run.set_state(DagRunState.FAILED)
            session.commit()
    return failed


def _started_run(dag: Any, *, school: str, as_of: dt.date, session: Any) -> Any:
    """Create the run, as the partition of its Monday where the DAG has partitions, without second tries."""
    from airflow.api.common.trigger_dag import trigger_dag
    from airflow.models.dagbag import DBDagBag
    from airflow.models.dagrun import DagRun
    from airflow.sdk import CronPartitionTimetable
    from airflow.utils.state import DagRunState
    from airflow.utils.types import DagRunTriggeredByType

    created: Any = trigger_dag(
        dag.dag_id,
        triggered_by=DagRunTriggeredByType.CLI,
        conf={"school": school, "as_of": as_of.isoformat()},
        partition_key=as_of.isoformat() if isinstance(dag.timetable, CronPartitionTimetable) else None,
    )
    run = session.get_one(DagRun, created.id)
    run.dag = DBDagBag().get_latest_version_of_dag(dag.dag_id, session=session)
    run.state = DagRunState.RUNNING
    for instance in run.get_task_instances(session=session):
        instance.max_tries = 0
    session.commit()
    return run


def _run_task(task: Any, instance: Any, settings: Settings, console: Console) -> BaseException | None:
    """Run one task, its output going to the log that Airflow expects, and say how it went."""
    from airflow.sdk.api.datamodels._generated import TaskInstance
    from airflow.sdk.execution_time.supervisor import run_task_in_process
    from airflow.utils.state import TaskInstanceState

    log = settings.part(
        "logs",
        "airflow",
        f"dag_id={instance.dag_id}",
        f"run_id={instance.run_id}",
        f"task_id={instance.task_id}",
        f"attempt={instance.try_number}.log",
    )
    started = time.monotonic()
    with console.status(instance.task_id), printed_to(log):
        described = TaskInstance.model_validate(instance, from_attributes=True)
        result = run_task_in_process(ti=described, task=task)
    error = result.error
    mark = "[green]✓[/green]" if error is None else "[red]✗[/red]"
    mark = "[yellow]?[/yellow]" if result.state == TaskInstanceState.AWAITING_INPUT else mark
    console.print(f"  {mark} {instance.task_id:<14} {time.monotonic() - started:6.1f} s", highlight=False)
    if error is None or isinstance(error, PasserelleError) or not isinstance(error, Exception):
        return error
    return PasserelleError(f"{instance.dag_id}.{instance.task_id}: {type(error).__name__}", fix=f"see {log}")


@contextlib.contextmanager
def _kept_for(console: Console) -> Iterator[None]:
    """Let the console keep the terminal while everything else is printed to a log."""
    before = console.file
    with os.fdopen(os.dup(before.fileno()), "w") as terminal:
        console.file = terminal
        try:
            yield
        finally:
            console.file = before


@contextlib.contextmanager
def printed_to(log: Path) -> Iterator[None]:
    """Send what this process prints to a file, down to the file descriptors that native libraries use."""
    streams = (sys.stdout, sys.stderr)
    kept = [(descriptor, os.dup(descriptor)) for descriptor in (1, 2)]
    with log.open("ab") as file:
        for stream in streams:
            stream.flush()
        for descriptor, _ in kept:
            os.dup2(file.fileno(), descriptor)
    try:
        yield
    finally:
        for stream in streams:
            stream.flush()
        for descriptor, copy in kept:
            os.dup2(copy, descriptor)
            os.close(copy)
