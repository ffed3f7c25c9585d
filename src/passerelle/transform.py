"""The only caller of dbt: builds every table as of a Monday in a private file, and tests it there.

A build carries on from the published warehouse where that is exact: the same SQL and choices, a Monday not before
the published one, and no newly landed fact that was known before it. Else it starts from nothing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import shutil
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from passerelle.errors import BuildError
from passerelle.school import School, load_school, load_system
from passerelle.settings import PROJECT_DIR, Settings
from passerelle.warehouse import BuildInfo, Warehouse

DBT_DIR = PROJECT_DIR / "dbt"
#: Named part of the build to its dbt selection.
PARTS = {"risk": ("tag:risk", "staging.outlook")}
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
    select: Literal["risk"] | None = None,
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
    select : {"risk"}, optional
        Only this part, on top of that Monday's own warehouse.
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
        _ensure_score_files(settings)
        variables = _variables(school, settings, as_of=as_of, model_version=model_version)
        info = _build_info(school, settings, as_of)
        base, why = starting_point(school, settings, as_of=as_of, select=select, full_refresh=full_refresh)
        carried = warehouse.info(base) if base else None
        variables["previous_as_of"] = carried.as_of.isoformat() if carried else None
        warehouse.begin(base)
        arguments = ["build", "--no-write-json", "--exclude-resource-type", "unit_test"]
        arguments += ["--select", *PARTS[select]] if select else []
        arguments += [] if carried else ["--full-refresh"]
        results = _run_dbt(
            arguments, settings, database=warehouse.building, variables=variables, progress=progress
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
    variables = _variables(school, settings, as_of=as_of) | {"previous_as_of": None}
    copy = settings.part("warehouse", "_docs", "passerelle.duckdb")
    shutil.copyfile(warehouse.published, copy)
    try:
        _run_dbt(["docs", "generate", "--static"], settings, database=copy, variables=variables)
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
    variables = _variables(school, settings, as_of=as_of) | {"previous_as_of": None}
    with warehouse.lock():
        return len(
            _run_dbt(
                ["test", "--no-write-json", "--select", "test_type:unit"],
                settings,
                database=warehouse.building,
                variables=variables,
            )
        )


def starting_point(
    school: str,
    settings: Settings,
    *,
    as_of: dt.date,
    select: str | None = None,
    full_refresh: bool = False,
) -> tuple[Path | None, str]:
    """The file that a build would carry on from, None for nothing, and why.

    Raises
    ------
    BuildError
        A part is asked for of a Monday that has no warehouse.
    """
    warehouse = Warehouse(settings)
    if select:
        if not warehouse.stands(as_of):
            raise BuildError(
                f"no warehouse of {as_of} to build the part '{select}' on",
                allowed=f"one of {', '.join(warehouse.kept()) or 'none yet'}",
                fix=f"run `passerelle build --as-of {as_of}` and publish it first",
            )
        return warehouse.version(as_of), f"only the part '{select}'"
    if full_refresh:
        return None, "asked for"
    published = warehouse.info(warehouse.published)
    if published is None:
        return None, "nothing is published yet"
    if published.as_of > as_of:
        return None, f"the published warehouse is of {published.as_of}, later than this Monday"
    info = _build_info(school, settings, as_of)
    if published.fingerprint != info.fingerprint:
        return None, "the SQL or the school's choices have changed"
    reason = _reach_back(school, settings, published, info.landed)
    return (None, reason) if reason else (warehouse.published, f"carried on from {published.as_of}")


def _build_info(school: str, settings: Settings, as_of: dt.date) -> BuildInfo:
    variables = _variables(school, settings, as_of=as_of)
    return BuildInfo(
        as_of=as_of, fingerprint=_fingerprint(variables), landed=_landed_files(load_school(school), settings)
    )


def _reach_back(school: str, settings: Settings, published: BuildInfo, landed: dict[str, int]) -> str:
    """Why the landing no longer agrees with what was built from it; empty when it does."""
    changed = [name for name, size in published.landed.items() if landed.get(name) != size]
    if changed:
        return f"{changed[0]} is gone or has changed"
    zone = ZoneInfo(load_school(school).time_zone)
    midnight = dt.datetime.combine(published.as_of, dt.time(), zone).astimezone(dt.UTC).replace(tzinfo=None)
    for name in landed.keys() - published.landed.keys():
        system, table, _ = Path(name).parts
        earliest = _earliest_known_at(settings.part("landing", name))
        is_dated = load_system(school, system).tables[table].known_at != "landed_at"
        if earliest is not None and (earliest < midnight or not is_dated):
            return f"{name} holds facts known before {published.as_of}"
    return ""


def _earliest_known_at(path: Path) -> dt.datetime | None:
    """When the first fact of a landed file was known, in UTC; None when it has no rows."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    known_at = pq.read_table(path, columns=["_known_at"]).column("_known_at")
    return pc.min(known_at).as_py()


def _landed_files(school: School, settings: Settings) -> dict[str, int]:
    landing = settings.part("landing", "_").parent
    return {
        path.relative_to(landing).as_posix(): path.stat().st_size
        for system in school.systems
        for path in sorted(landing.glob(f"{system}/*/*.parquet"))
    }


def _ensure_score_files(settings: Settings) -> None:
    """Give the scores a typed empty file, so that their source can be read before the first scoring."""
    import pyarrow.parquet as pq

    from passerelle.landing import SCORES

    path = settings.part("landing", "outlook", "scores", "empty.parquet")
    if not path.exists():
        pq.write_table(SCORES.empty_table(), path)


def _variables(school: str, settings: Settings, *, as_of: dt.date, model_version: str = "") -> dict[str, Any]:
    """What dbt is told of the school; there are no other defaults."""
    chosen = load_school(school)
    return {
        "school": school,
        "as_of": as_of.isoformat(),
        "time_zone": chosen.time_zone,
        "landing": str(settings.part("landing", "_").parent),
        "systems": list(chosen.systems),
        "entities": {entity: list(systems) for entity, systems in chosen.entities.items()},
        "known_lag_days": chosen.known_lag_days,
        "definition_id": chosen.outcome.definition_id,
        "horizon_days": chosen.outcome.horizon_days,
        "reporting_lag_days": chosen.outcome.reporting_lag_days,
        "target_rate": chosen.target_rate,
        "capacity": chosen.coaching.capacity,
        "ranked_by": chosen.model.ranked_by,
        "model_version": model_version,
    }


def _fingerprint(variables: dict[str, Any]) -> str:
    """Digest of all that decides what the tables hold, but for the Monday, the landing and the scores."""
    choices = {
        key: value for key, value in variables.items() if key not in ("as_of", "landing", "model_version")
    }
    digest = hashlib.sha256(json.dumps(choices, sort_keys=True).encode())
    sources = [path for part in ("models", "macros", "seeds") for path in (DBT_DIR / part).rglob("*")]
    for path in sorted(path for path in sources if path.suffix in (".sql", ".csv")):
        digest.update(path.relative_to(DBT_DIR).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


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
    command = [
        *arguments,
        *("--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR)),
        *("--target-path", str(logs / "target"), "--log-path", str(logs)),
        *("--vars", json.dumps(variables), "--quiet", "--log-level", "none", "--log-level-file", "info"),
    ]
    callbacks = [_progress_callback(progress)] if progress else []
    with _dbt_environment(database), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcome = dbtRunner(callbacks=callbacks).invoke(command)
    if not outcome.success:
        raise _build_error(outcome, logs / "dbt.log")
    results = getattr(outcome.result, "results", [])
    return [
        (str(result.node.resource_type), result.node.name, round(result.execution_time, 4))
        for result in results
        if hasattr(result, "node")
    ]


@contextlib.contextmanager
def _dbt_environment(database: Path) -> Iterator[None]:
    """Tell dbt's profile which file to build, and nothing to phone home; put the environment back afterwards."""
    told = {
        "PASSERELLE_DBT_DATABASE": str(database),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    before = {name: os.environ.get(name) for name in told}
    os.environ.update(told)
    try:
        yield
    finally:
        _let_go_of_the_file()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


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
