"""What the three DAGs promise, read from the real files by Airflow itself."""

import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from passerelle import steps
from passerelle.orchestration import WAREHOUSE_POOL, WEEK
from passerelle.orchestration.embedded import DAGS_DIR

ORDER = {
    "school_data_nightly": ["pull", "gate_raw", "build", "gate_marts", "publish", "document"],
    "outlook_training": ["train", "promote_first", "propose", "approve", "decide"],
    "outlook_weekly": [
        "score",
        "gate_scores",
        "forecast",
        "build_risk",
        "publish",
        "report",
        "send",
        "monitor",
    ],
}
WRITERS = {"build", "gate_marts", "forecast", "build_risk", "publish"}
HEAVY = {"pandas", "numpy", "sklearn", "mlflow", "great_expectations", "duckdb", "dlt", "dbt", "pyarrow"}


def tasks_of(dags: dict[str, Any]) -> dict[str, Any]:
    return {f"{name}.{task}": told for name, dag in dags.items() for task, told in dag["tasks"].items()}


def test_the_folder_holds_exactly_the_three_dags_and_all_of_them_load(parsed: dict[str, Any]) -> None:
    assert parsed["import_errors"] == {}
    assert set(parsed["dags"]) == set(ORDER) == set(WEEK)
    files = {path.name for path in DAGS_DIR.glob("*.py")}
    assert files == {f"{name}.py" for name in ORDER}
    assert {dag["file"] for dag in parsed["dags"].values()} == files


@pytest.mark.parametrize("name", ORDER)
def test_tasks_run_one_after_the_other_in_the_designed_order(dags: dict[str, Any], name: str) -> None:
    tasks = dags[name]["tasks"]
    assert list(tasks) == ORDER[name]
    following = [*ORDER[name][1:], None]
    next_of = {task: [after] if after else [] for task, after in zip(tasks, following, strict=True)}
    if name == "school_data_nightly":
        next_of["pull"] = ["build", "gate_raw"]
    assert {task: told["downstream"] for task, told in tasks.items()} == next_of


def test_gate_1_looks_at_what_a_pull_in_trouble_did_bring_and_nothing_is_built(dags: dict[str, Any]) -> None:
    tasks = dags["school_data_nightly"]["tasks"]
    assert tasks["gate_raw"]["trigger_rule"] == "all_done"
    assert tasks["build"]["trigger_rule"] == "all_success"
    assert "build" in tasks["pull"]["downstream"]


def test_every_task_is_a_step_of_the_same_name(dags: dict[str, Any]) -> None:
    asks_a_person = "outlook_training.approve"
    names = [name.partition(".")[2] for name in tasks_of(dags) if name != asks_a_person]
    assert len(names) == 18
    assert [name for name in names if not callable(getattr(steps, name, None))] == []


def test_a_new_model_waits_for_a_person_who_says_yes_or_no_and_why(dags: dict[str, Any]) -> None:
    asked = dags["outlook_training"]["tasks"]["approve"]["asks"]
    assert asked == {
        "operator": "HITLOperator",
        "options": ["Approve", "Reject"],
        "defaults": None,
        "fields": ["name", "reason", "sign_off"],
        "waits_days": 21,
    }
    assert {name for name, told in tasks_of(dags).items() if told["asks"]} == {"outlook_training.approve"}


def test_schedules_are_in_the_schools_time_and_never_overlap_or_catch_up(dags: dict[str, Any]) -> None:
    assert {name: dag["cron"] for name, dag in dags.items()} == {
        "school_data_nightly": "0 2 * * *",
        "outlook_training": "0 4 * * 1#1",
        "outlook_weekly": "0 6 * * 1",
    }
    assert Counter(dag["time_zone"] for dag in dags.values()) == {"Europe/Brussels": 3}
    assert all(dag["max_active_runs"] == 1 and not dag["catchup"] for dag in dags.values())


def test_the_week_is_partitioned_by_its_monday(dags: dict[str, Any]) -> None:
    assert dags["outlook_weekly"]["timetable"] == "CronPartitionTimetable"
    assert dags["outlook_weekly"]["key_format"] == "%Y-%m-%d"


def test_only_what_may_mend_itself_is_tried_again(dags: dict[str, Any]) -> None:
    for name, told in tasks_of(dags).items():
        assert told["retries"] == (0 if name == "outlook_training.approve" else 2)
        assert told["retry_delay_seconds"] == 600
        assert told["retry_rules"] == [
            ["passerelle.errors.UnreachableSource", "retry"],
            ["passerelle.errors.UnreachableMailServer", "retry"],
            ["passerelle.errors.PasserelleError", "fail"],
        ]


def test_tasks_that_write_the_warehouse_share_the_pool_of_one(dags: dict[str, Any]) -> None:
    pooled = {
        name.partition(".")[2] for name, told in tasks_of(dags).items() if told["pool"] == WAREHOUSE_POOL
    }
    assert pooled == WRITERS


def test_each_dag_tells_when_what_and_what_to_do_when_red(dags: dict[str, Any]) -> None:
    for name, dag in dags.items():
        for heading in ("**When**", "**Reads**", "**Writes**", "**On error**"):
            assert heading in dag["doc"], f"{name}: {heading}"
    assert [name for name, told in tasks_of(dags).items() if not told["doc"]] == []


def test_assets_carry_name_and_address_and_join_the_dags(dags: dict[str, Any]) -> None:
    tasks = tasks_of(dags)
    outlets = {name: list(told["outlets"]) for name, told in tasks.items() if told["outlets"]}
    assert outlets == {
        "school_data_nightly.pull": ["landing"],
        "school_data_nightly.publish": ["warehouse"],
        "outlook_training.promote_first": ["support_need_model"],
        "outlook_training.decide": ["support_need_model"],
        "outlook_weekly.score": ["scores"],
        "outlook_weekly.forecast": ["forecasts"],
        "outlook_weekly.publish": ["warehouse"],
        "outlook_weekly.report": ["coach_reports"],
    }
    assert tasks["outlook_weekly.score"]["inlets"] == ["warehouse", "support_need_model"]
    addresses = {address for told in tasks.values() for address in told["outlets"].values()}
    assert all(address.startswith("passerelle://") for address in addresses)
    assert len(addresses) == 6


def test_a_result_is_one_small_value_not_one_per_key(dags: dict[str, Any]) -> None:
    assert [name for name, told in tasks_of(dags).items() if told["multiple_outputs"]] == []


def test_the_readme_lists_every_dag_and_task() -> None:
    table = (DAGS_DIR / "README.md").read_text()
    for name, tasks in ORDER.items():
        assert f"| `{name}`<br>{' → '.join(tasks)} |" in table


@pytest.mark.parametrize("name", ORDER)
def test_a_dag_file_fits_a_screen_or_two(name: str) -> None:
    assert 20 <= len((DAGS_DIR / f"{name}.py").read_text().splitlines()) <= 75


def test_parsing_imports_nothing_heavy() -> None:
    script = (
        "import runpy, sys\n"
        "import airflow.sdk.definitions.dag\n"
        "before = set(sys.modules)\n"
        "for path in sys.argv[1:]: runpy.run_path(path)\n"
        "assert 'passerelle.steps' in sys.modules\n"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))\n"
    )
    files = sorted(DAGS_DIR.glob("*.py"))
    assert files
    told = subprocess.run(
        [sys.executable, "-c", script, *files], capture_output=True, text=True, check=True
    ).stdout
    assert HEAVY & set(told.split()) == set()
