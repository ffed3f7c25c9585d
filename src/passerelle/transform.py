"""The only caller of dbt: builds every table as of a Monday in a private file, and tests it there."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import json
import logging
import os
import shutil
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from passerelle.errors import BuildError
from passerelle.settings import Settings
from passerelle.starting_point import DBT_DIR, build_info, starting_point, variables
from passerelle.warehouse import Warehouse

#: Named part of the build to its dbt selection.
PARTS = {"risk": ("tag:risk", "staging.outlook"), "lists": ("+fct_list_place,tag:risk",)}
#: What dbt is told while it parses: with other variables than last time it would parse all files again, for seconds,
#: and no Monday changes which models there are or what they read.
ANY_MONDAY: dict[str, Any] = {
    "as_of": "1970-01-05",
    "previous_as_of": None,
    "fresh_from": {},
    "model_version": "",
    "clock_changes": [{"at": "1970-01-05 00:00:00", "offset_microseconds": 0}],
}
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class BuildResult:
    """What a build did.

    Attributes
    ----------
    as_of : str
        The Monday.
    mode : str
        ``full``, ``incremental`` (carried on from the published warehouse) or the part that was built.
    why : str
        Why that mode.
    models, tests : int
        How many ran.
    seconds : float
        Wall time, dbt's start included.
    timings : dict
        Model to seconds, as dbt tells them.
    """

    as_of: str
    mode: str
    why: str
    models: int
    tests: int
    seconds: float
    timings: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)


def build(
    school: str,
    settings: Settings,
    *,
    as_of: dt.date,
    select: Literal["risk", "lists"] | None = None,
    full_refresh: bool = False,
    model_version: str = "",
    progress: Progress | None = None,
) -> BuildResult:
    """Build and test the warehouse as of a Monday, aside from the published one.

    Parameters
    ----------
    school : str
        Folder name under ``schools/``.
    settings : Settings
        Says where the state is.
    as_of : datetime.date
        The Monday.
    select : {"risk", "lists"}, optional
        Only this part, on top of that Monday's own warehouse; the lists are a part of the risk marts.
    full_refresh : bool, default False
        Start from nothing, whatever could be carried on.
    model_version : str, optional
        Model whose scores make the list; default the newest that scored that Monday.
    progress : callable, optional
        Called with a text, the number of tables and tests done, and their total.

    Raises
    ------
    BuildError
        Another build is running, or a model or a test failed: nothing is published.
    """
    started = time.perf_counter()
    warehouse = Warehouse(settings)
    with warehouse.lock():
        _ensure_said_files(settings)
        told = variables(school, settings, as_of=as_of, model_version=model_version)
        info = build_info(school, settings, as_of)
        base, why = starting_point(school, settings, as_of=as_of, select=select, full_refresh=full_refresh)
        carried = warehouse.info(base) if base else None
        told["previous_as_of"] = carried.as_of.isoformat() if carried else None
        told["fingerprint"] = info.fingerprint
        warehouse.begin(base)
        results = _run_dbt(
            _build_arguments(select, from_nothing=carried is None),
            settings,
            database=warehouse.building,
            variables=told,
            progress=progress,
        )
        warehouse.record(info)
    timings = {name: seconds for kind, name, seconds in results if kind == "model"}
    return BuildResult(
        as_of=as_of.isoformat(),
        mode=select or ("incremental" if carried else "full"),
        why=why,
        models=len(timings),
        tests=sum(kind == "test" for kind, _, _ in results),
        seconds=round(time.perf_counter() - started, 2),
        timings=timings,
    )


def docs(school: str, settings: Settings) -> Path:
    """Write dbt's documentation as one static page.

    Returns
    -------
    pathlib.Path
        ``docs/index.html`` in the state folder.

    Raises
    ------
    BuildError
        Nothing is published yet, or dbt failed.
    """
    warehouse = Warehouse(settings)
    as_of = warehouse.published_as_of()
    if as_of is None:
        raise BuildError(
            "nothing to document", allowed="a published warehouse", fix="run `passerelle week` first"
        )
    told = variables(school, settings, as_of=as_of) | {"previous_as_of": None}
    copy = settings.part("warehouse", "_docs", "passerelle.duckdb")
    shutil.copyfile(warehouse.published, copy)
    try:
        _run_dbt(["docs", "generate", "--static"], settings, database=copy, variables=told)
    finally:
        shutil.rmtree(copy.parent)
    page = settings.part("docs", "index.html")
    shutil.copyfile(settings.part("logs", "dbt", "target", "static_index.html"), page)
    return page


def run_unit_tests(school: str, settings: Settings, *, as_of: dt.date) -> int:
    """Run the unit tests of dbt's models on the private file; gives back how many ran.

    Raises
    ------
    BuildError
        One failed, or nothing is built.
    """
    warehouse = Warehouse(settings)
    told = variables(school, settings, as_of=as_of) | {"previous_as_of": None}
    with warehouse.lock():
        return len(
            _run_dbt(
                ["test", "--no-write-json", "--select", "test_type:unit"],
                settings,
                database=warehouse.building,
                variables=told,
            )
        )


def _build_arguments(select: str | None, *, from_nothing: bool) -> list[str]:
    """What dbt is to build: everything or a part, and from nothing or carrying on."""
    arguments = ["build", "--no-write-json"]
    for kind in ("unit_test", "exposure"):
        arguments += ["--exclude-resource-type", kind]
    arguments += ["--select", *PARTS[select]] if select else []
    return [*arguments, "--full-refresh"] if from_nothing else arguments


def _ensure_said_files(settings: Settings) -> None:
    """Give scores and forecasts a typed empty file, so that their source can be read before the first scoring."""
    from passerelle.landing import Landing
    from passerelle.said import SAID

    for kind, (schema, _) in SAID.items():
        Landing(settings).ensure_table("outlook", kind, schema)


def _run_dbt(
    arguments: list[str],
    settings: Settings,
    *,
    database: Path,
    variables: dict[str, Any],
    progress: Progress | None = None,
) -> list[tuple[str, str, float]]:
    """Run dbt in this process; give back kind, name and seconds of what ran."""
    from dbt.cli.main import dbtRunner

    logs = settings.part("logs", "dbt", "_").parent
    options = ["--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR)]
    options += ["--target-path", str(logs / "target"), "--log-path", str(logs), "--log-level-file", "info"]
    options += ["--quiet", "--log-level", "none"]
    callbacks = [_progress_callback(progress)] if progress else []
    with _dbt_environment(database, settings), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcome = dbtRunner().invoke(
            ["parse", "--no-write-json", *options, "--vars", json.dumps({**variables, **ANY_MONDAY})]
        )
        if outcome.success:
            project: Any = outcome.result
            with _out_of_the_collectors_sight():
                outcome = dbtRunner(manifest=project, callbacks=callbacks).invoke(
                    [*arguments, *options, "--vars", json.dumps(variables)]
                )
    if not outcome.success:
        raise _build_error(outcome, logs / "dbt.log")
    results = getattr(outcome.result, "results", [])
    return [
        (str(result.node.resource_type), result.node.name, round(result.execution_time, 4))
        for result in results
        if hasattr(result, "node")
    ]


@contextlib.contextmanager
def _dbt_environment(database: Path, settings: Settings) -> Iterator[None]:
    """Tell dbt's profile which file to build, and nothing to phone home; put the environment back afterwards."""
    told = {
        "PASSERELLE_DBT_DATABASE": str(database),
        "PASSERELLE_DBT_MEMORY": settings.memory_limit,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    before = {name: os.environ.get(name) for name in told}
    logging.getLogger(
        "file_log"
    ).disabled = False  # whoever configures logging in this process switches dbt's off
    os.environ.update(told)
    try:
        yield
    finally:
        _let_go_of_the_file()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@contextlib.contextmanager
def _out_of_the_collectors_sight() -> Iterator[None]:
    """Spare the parsed project from garbage collection: one look at all its objects takes .15 s."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _let_go_of_the_file() -> None:
    """Close the connection that dbt-duckdb keeps for the next command: as long as it stands, nobody else may read."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    environment = getattr(DuckDBConnectionManager, "_ENV", None)
    if environment is not None:
        environment.close()
        DuckDBConnectionManager.close_all_connections()


def _progress_callback(progress: Progress) -> Callable[[Any], None]:
    def told(event: Any) -> None:
        if event.info.name in ("LogModelResult", "LogSeedResult"):
            progress(f"build {event.data.node_info.node_name}", event.data.index, event.data.total)
        elif event.info.name == "LogTestResult":
            progress(f"test {event.data.node_info.node_name}", event.data.index, event.data.num_models)

    return told


def _build_error(outcome: Any, log: Path) -> BuildError:
    """The first thing that failed, with its file."""
    failed = [
        result
        for result in getattr(outcome.result, "results", [])
        if str(result.status) in ("error", "fail", "runtime error")
    ]
    if not failed:
        return BuildError(f"dbt could not start: {outcome.exception}", fix=str(log))
    first = failed[0]
    kind = "test" if str(first.node.resource_type) == "test" else str(first.node.resource_type)
    others = f" ({len(failed) - 1} more failed: see {log})" if len(failed) > 1 else ""
    return BuildError(
        f"{kind} {first.node.name}: {' '.join(str(first.message).split())}{others}",
        allowed="no failing rows" if kind == "test" else "SQL that runs and fits its contract",
        fix=f"dbt/{first.node.original_file_path}; nothing was published",
    )
