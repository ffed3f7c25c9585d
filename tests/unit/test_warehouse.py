"""The warehouse: built aside, published in one move, read without being able to touch anything."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from passerelle.errors import BuildError, QueryError
from passerelle.settings import Settings
from passerelle.warehouse import KEPT_MONDAYS, BuildInfo, Warehouse

MONDAY = dt.date(2026, 11, 23)


def _monday(number: int) -> dt.date:
    return MONDAY + dt.timedelta(weeks=number)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(Settings(home=tmp_path))


def _build(warehouse: Warehouse, as_of: dt.date, *, rows: int = 1) -> None:
    """A build of one table, one view and a staging view, as dbt would leave them."""
    with duckdb.connect(str(warehouse.begin(None))) as connection:
        for schema in ("staging", "conformed", "intermediate", "marts"):
            connection.execute(f"create schema {schema}")
        connection.execute("create view staging.raw as select 1 as raw")
        connection.execute("create view conformed.heavy as select * from staging.raw")
        connection.execute(f"create table marts.dim_learner as select range as learner_id from range({rows})")
    warehouse.record(BuildInfo(as_of=as_of, fingerprint="sql", landed={"sis/learner/1.parquet": 10}))


def test_what_was_built_is_published_and_read(warehouse: Warehouse):
    _build(warehouse, MONDAY, rows=3)
    published = warehouse.publish(MONDAY)
    assert published.is_current
    assert warehouse.published_as_of() == MONDAY
    assert warehouse.query("select count(*) as learners from dim_learner").to_pylist() == [{"learners": 3}]
    assert warehouse.info(warehouse.published) == BuildInfo(MONDAY, "sql", {"sis/learner/1.parquet": 10})


def test_the_published_file_holds_tables_only(warehouse: Warehouse):
    _build(warehouse, MONDAY)
    warehouse.publish(MONDAY)
    assert len(warehouse.frame("select * from duckdb_views() where not internal")) == 0
    assert "staging" not in set(warehouse.frame("select schema_name from duckdb_schemas()")["schema_name"])


def test_a_past_monday_is_kept_and_never_takes_the_readers_place(warehouse: Warehouse):
    _build(warehouse, MONDAY)
    warehouse.publish(MONDAY)
    _build(warehouse, _monday(-4), rows=7)
    assert not warehouse.publish(_monday(-4)).is_current
    assert warehouse.published_as_of() == MONDAY
    assert warehouse.frame("select * from dim_learner", as_of=_monday(-4)).shape == (7, 1)


def test_a_monday_can_be_kept_without_being_published(warehouse: Warehouse):
    _build(warehouse, MONDAY)
    assert not warehouse.publish(MONDAY, current=False).is_current
    assert warehouse.stands(MONDAY)
    assert warehouse.published_as_of() is None


def test_publishing_twice_does_no_harm(warehouse: Warehouse):
    _build(warehouse, MONDAY)
    assert warehouse.publish(MONDAY) == warehouse.publish(MONDAY)


def test_only_the_last_mondays_and_the_published_one_are_kept(warehouse: Warehouse):
    _build(warehouse, _monday(0))
    warehouse.publish(_monday(0))
    for number in range(1, 7):
        _build(warehouse, _monday(number))
        warehouse.publish(_monday(number), current=False)
    assert len(warehouse.kept()) == KEPT_MONDAYS + 1
    assert warehouse.kept()[0] == _monday(0).isoformat()
    assert warehouse.stands(_monday(6))


def test_a_build_that_did_not_end_is_not_published(warehouse: Warehouse):
    _build(warehouse, MONDAY)
    warehouse.publish(MONDAY)
    warehouse.begin(warehouse.published)
    assert warehouse.info(warehouse.building) is None
    with pytest.raises(BuildError, match="nothing to publish for 2026-11-30"):
        warehouse.publish(_monday(1))
    with pytest.raises(BuildError, match="nothing built to check"):
        warehouse.built("select 1")


def test_readers_keep_reading_while_a_build_runs(warehouse: Warehouse):
    _build(warehouse, MONDAY, rows=2)
    warehouse.publish(MONDAY)
    with duckdb.connect(str(warehouse.begin(warehouse.published))) as builder:
        builder.execute("delete from marts.dim_learner")
        assert len(warehouse.frame("select * from dim_learner")) == 2


def test_two_builders_at_once_are_told_apart(warehouse: Warehouse):
    with (
        warehouse.lock(),
        pytest.raises(BuildError, match="another build"),
        Warehouse(Settings(home=warehouse.folder.parent)).lock(),
    ):
        pass


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "attach '/tmp/other.duckdb'",
        "copy (select 1) to '/tmp/out.csv'",
        "set enable_external_access = true",
        "drop table marts.dim_learner",
        "select 1; select 2",
        "select no_such_column from dim_learner",
        "nonsense",
    ],
)
def test_a_query_can_only_read_the_warehouse(warehouse: Warehouse, sql: str):
    _build(warehouse, MONDAY)
    warehouse.publish(MONDAY)
    with pytest.raises(QueryError):
        warehouse.query(sql)


def test_a_missing_warehouse_says_what_to_do(warehouse: Warehouse):
    with pytest.raises(BuildError, match="passerelle week"):
        warehouse.query("select 1")
    with pytest.raises(BuildError, match="none kept"):
        warehouse.frame("select 1", as_of=MONDAY)
