"""One tiny school that has every system at once, landed by hand and built by the real dbt up to the school contract."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from passerelle.school import ENTITIES, System, load_system
from passerelle.settings import PROJECT_DIR
from passerelle.sources.casting import ARROW_TYPES
from passerelle.starting_point import clock_changes

AS_OF = dt.date(2026, 11, 23)
ENTITIES_OF_SYSTEM = {
    "sis": {
        "learners", "trainings", "cohorts", "enrolments", "enrolment_status_changes", "internships", "partners",
        "coaches", "caseloads",
    },
    "lms": {"attendance", "activity_days", "assessments", "assessment_results"},
    "vdab": {"outcome_events"},
    "forem": {"outcome_events"},
    "actiris": {"outcome_events"},
    "survey": {"outcome_events"},
    "oulad": {
        "learners", "trainings", "cohorts", "enrolments", "enrolment_status_changes", "activity_days", "assessments",
        "assessment_results",
    },
    "contract_files": set(ENTITIES) - {"support_actions"},
    "desk": {"profiling_objections"},
}  # fmt: skip
Query = Callable[[str], list[tuple[Any, ...]]]


def _system(name: str) -> System:
    if name == "contract_files":
        template = PROJECT_DIR / "schools" / "contract_files.toml"
        return System.model_validate(tomllib.loads(template.read_text(encoding="utf-8")))
    return load_system("oulad" if name == "oulad" else "ai_school", name)


def _land(landing: Path, system: str, rows: dict[str, Sequence[dict[str, Any]]]) -> None:
    """Write one parquet file per declared table: the rows given, or none; columns not given are null."""
    declared = _system(system).tables
    assert set(rows) <= set(declared), f"{system} has no table {set(rows) - set(declared)}"
    for table, contract in declared.items():
        fields = {
            name: ARROW_TYPES[kind]
            for name, kind in contract.columns.items()
            if name not in contract.identifying
        }
        schema = pa.schema(
            [
                *fields.items(),
                ("_known_at", pa.timestamp("us")),
                ("_is_correction", pa.bool_()),
                ("_load_id", pa.string()),
            ]
        )
        full = [{"_is_correction": False, "_load_id": "load"} | row for row in rows.get(table, [])]
        unknown = {name for row in full for name in row} - set(schema.names)
        assert not unknown, f"{system}.{table} has no column {unknown}"
        folder = landing / system / table
        folder.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(full, schema=schema), folder / "1.parquet")


def _land_every_half_hour(folder: Path) -> None:
    """Trainings recorded at every half hour of fourteen years, with that moment as their title."""
    moments = pd.date_range("2013-01-01", "2027-01-01", freq="30min", unit="us")
    codes = moments.strftime("%Y-%m-%d %H:%M:%S")
    frame = pd.DataFrame({"training_code": codes, "title": codes, "field": None, "_known_at": moments})
    frame = frame.assign(_is_correction=False, _load_id="load")
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), folder / "2.parquet")


def _dbt_build(home: Path, variables: dict[str, Any]) -> None:
    command = [
        str(Path(sys.executable).with_name("dbt")), "--no-use-colors", "build", "--select", "+conformed",
        "--project-dir", str(PROJECT_DIR / "dbt"), "--profiles-dir", str(PROJECT_DIR / "dbt"),
        "--target-path", str(home / "target"), "--log-path", str(home / "logs"), "--vars", json.dumps(variables),
    ]  # fmt: skip
    environment = {
        **os.environ,
        "PASSERELLE_DBT_DATABASE": str(home / "passerelle.duckdb"),
        "DO_NOT_TRACK": "1",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


@pytest.fixture(scope="session")
def query(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Query]:
    """Rows of a query on the tiny school, built once."""
    landed = yaml.safe_load(Path(__file__).with_name("landed_rows.yml").read_text(encoding="utf-8"))
    home = tmp_path_factory.mktemp("every system's school")
    for system in ENTITIES_OF_SYSTEM:
        _land(home / "landing", system, landed.get(system, {}))
    _land_every_half_hour(home / "landing" / "sis" / "training")
    variables = {
        "school": "every system",
        "as_of": AS_OF.isoformat(),
        "time_zone": "Europe/Brussels",
        "clock_changes": clock_changes(ZoneInfo("Europe/Brussels"), AS_OF),
        "previous_as_of": None,
        "landing": str(home / "landing"),
        "systems": list(ENTITIES_OF_SYSTEM),
        "entities": {
            entity: [system for system, fed in ENTITIES_OF_SYSTEM.items() if entity in fed]
            for entity in ENTITIES
        },
        "known_lag_days": {"activity_days": 1},
        "fresh_from": {},
        "definition_id": "school_promise",
        "target_rate": 0.8,
        "capacity": 6,
        "lottery_places": 0,
        "lottery_seed": "",
        "ranked_by": "completes",
        "model_version": "",
    }
    _dbt_build(home, variables)
    with duckdb.connect(str(home / "passerelle.duckdb"), read_only=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall()
