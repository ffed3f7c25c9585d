"""The demo school's week on an empty home, through the real DAGs: what `make run` does."""

import json
import sqlite3
from pathlib import Path

import pytest

from demo_week import Week
from passerelle.reports.class_problems import class_problems
from passerelle.reports.words import Words
from passerelle.settings import Settings
from passerelle.warehouse import Warehouse

pytestmark = pytest.mark.slow
MONDAY = "2026-11-23"
TASKS = 17
ASK_A_PERSON = {"approve", "decide"}  # the first model of an empty home is put in force by the run


def rows(home: Path, sql: str) -> list[tuple[str | None, ...]]:
    with sqlite3.connect(home / "airflow" / "airflow.db") as database:
        return database.execute(sql).fetchall()


def test_every_task_is_shown_as_done(demo_week: Week) -> None:
    assert demo_week.ran.stderr.count("✓") == TASKS
    assert "✗" not in demo_week.ran.stderr


def test_the_three_dags_ran_and_the_week_is_the_partition_of_its_monday(demo_week: Week) -> None:
    assert rows(demo_week.home, "select dag_id, state, partition_key from dag_run order by start_date") == [
        ("school_data_nightly", "success", None),
        ("outlook_training", "success", None),
        ("outlook_weekly", "success", MONDAY),
    ]
    states = rows(demo_week.home, "select state, count(*) from task_instance group by state order by state")
    assert states == [("skipped", len(ASK_A_PERSON)), ("success", TASKS)]
    skipped = rows(demo_week.home, "select task_id from task_instance where state = 'skipped'")
    assert {task for (task,) in skipped} == ASK_A_PERSON


def test_assets_say_what_was_written_and_for_which_monday(demo_week: Week) -> None:
    written = rows(
        demo_week.home,
        "select asset.name, asset_event.partition_key from asset_event"
        " join asset on asset.id = asset_event.asset_id order by asset_event.id",
    )
    assert written == [
        ("landing", None),
        ("warehouse", None),
        ("support_need_model", None),
        ("scores", MONDAY),
        ("forecasts", MONDAY),
        ("warehouse", MONDAY),
        ("coach_reports", MONDAY),
    ]


def test_the_week_leaves_a_summary_a_warehouse_scores_and_reports(demo_week: Week) -> None:
    summary = json.loads((demo_week.home / "summary.json").read_text())
    assert summary["as_of"] == MONDAY
    assert (demo_week.home / "warehouse" / "passerelle.duckdb").stat().st_size > 0
    assert len(list((demo_week.home / "landing" / "outlook" / "scores").glob(f"{MONDAY}__*.parquet"))) == 1
    assert list((demo_week.home / "reports" / MONDAY).rglob("*.html"))
    assert list((demo_week.home / "outbox" / MONDAY).rglob("*.eml"))


def test_a_class_is_said_to_fall_back_in_few_of_its_weeks(demo_week: Week) -> None:
    weeks = Warehouse(Settings(home=demo_week.home)).frame(
        "select * from mart_cohort_week where as_of_date >= date '2025-07-01' order by cohort_id, as_of_date"
    )
    told = [
        class_problems(rows.iloc[max(last - 4, 0) : last + 1], [str(cohort)], Words("en"))
        for cohort, rows in weeks.groupby("cohort_id")
        for last in range(len(rows))
    ]
    share = sum(map(bool, told)) / len(told)
    assert len(told) > 300
    assert 0 < share < 0.05


def test_the_forecast_counts_as_listed_whom_the_coaches_are_shown(demo_week: Week) -> None:
    warehouse = Warehouse(Settings(home=demo_week.home))
    shown = warehouse.frame(
        "select campus, count(*) as shown from mart_risk_list where is_listed group by campus"
    )
    counted = warehouse.frame(
        "select scope_id, listed_count from mart_cohort_forecast where scope_kind = 'campus' and listed_count > 0"
    )
    assert len(shown) > 3
    assert dict(shown.itertuples(index=False)) == dict(counted.itertuples(index=False))
