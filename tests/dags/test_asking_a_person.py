"""A person approves or rejects a new model: the real DAG, the real operator, and the request that its buttons send."""

import datetime as dt
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from passerelle.orchestration.embedded import environment
from passerelle.promotions import FIRST_RUN, Promotion, PromotionRecord
from passerelle.settings import Settings

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).parent / "ask_a_person.py"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(school="ai_school", home=tmp_path_factory.mktemp("asked"))


@pytest.fixture(scope="module")
def told(settings: Settings) -> list[dict[str, Any]]:
    """States of the tasks of three trainings, when the run stops and after a person's answer."""
    variables = environment(settings) | {"PYTHONPATH": str(SCRIPT.parents[1])}
    ran = subprocess.run(
        [sys.executable, SCRIPT, settings.state_dir],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    found: list[dict[str, Any]] = json.loads(ran.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def decisions(settings: Settings, told: list[dict[str, Any]]) -> list[Promotion]:
    return PromotionRecord(settings).lines()


def test_nobody_is_asked_for_the_first_model_of_an_empty_home(
    told: list[dict[str, Any]], decisions: list[Promotion]
) -> None:
    first = told[0]["asked"]
    assert (first["run"], first["approve"], first["decide"]) == ("success", "skipped", "skipped")
    assert (decisions[0].decision["by"], decisions[0].as_of) == (FIRST_RUN, "2021-09-06")


def test_a_later_model_waits_and_the_run_stays_open(told: list[dict[str, Any]]) -> None:
    for run in told[1:]:
        assert run["asked"]["propose"] == "success"
        assert (run["asked"]["approve"], run["asked"]["decide"]) == ("awaiting_input", "None")
        assert run["asked"]["run"] == "running"
        assert set(run["answered"].values()) == {"success"}


def test_a_yes_is_recorded_with_who_when_and_why_and_holds_from_the_first_open_monday(
    settings: Settings, decisions: list[Promotion]
) -> None:
    yes = decisions[1]
    assert yes.is_approved
    assert yes.version.startswith("2021-09-13-")
    assert yes.as_of == "2021-09-20"  # the 13th was scored before anybody answered
    assert yes.decision["by"] == "Ines Peeters"
    assert yes.decision["reason"] == "knows a cohort more"
    assert yes.decision["via"] == "Airflow, account ines"
    assert yes.decision["at"].endswith("+00:00")
    in_force = PromotionRecord(settings).in_force
    assert [in_force(one) for one in map(_day, ("2021-09-13", "2021-09-27"))] == [decisions[0], yes]


def test_a_no_is_recorded_and_the_model_in_force_stays(
    settings: Settings, decisions: list[Promotion]
) -> None:
    assert len(decisions) == 3
    no = decisions[2]
    assert not no.is_approved
    assert no.version.startswith("2021-09-20-")
    assert (no.decision["by"], no.decision["reason"]) == (
        "ines",
        "no better in Ghent",
    )  # signed by the account
    assert PromotionRecord(settings).in_force(_day("2030-01-07")) == decisions[1]


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
