"""The DAG files as Airflow reads them, parsed once in a process of their own: Airflow is set up per process."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from passerelle.orchestration.embedded import DAGS_DIR, environment
from passerelle.settings import Settings

PARSE = Path(__file__).parent / "parse_dags.py"


@pytest.fixture(scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``parse_dags.py`` tells about the real DAG files."""
    home = tmp_path_factory.mktemp("parsed")
    variables = environment(Settings(school="ai_school", home=home))
    told = subprocess.run(
        [sys.executable, PARSE, DAGS_DIR, home / "parsed.json"],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    found: dict[str, Any] = json.loads((home / "parsed.json").read_text())
    return found


@pytest.fixture(scope="session")
def dags(parsed: dict[str, Any]) -> dict[str, Any]:
    """The DAGs by id."""
    found: dict[str, Any] = parsed["dags"]
    return found
