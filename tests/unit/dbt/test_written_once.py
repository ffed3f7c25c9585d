"""The key that a contract declares is looked at in what was written: a table that breaks it stops the build."""

from __future__ import annotations

import re
from typing import Any

import duckdb
import jinja2
import pytest

from passerelle.settings import PROJECT_DIR

MACROS = PROJECT_DIR / "dbt" / "macros" / "written_once.sql"


class _Row(tuple[Any, ...]):
    def values(self) -> tuple[Any, ...]:
        return self


class _Answer:
    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self.rows = [_Row(row) for row in rows]


class _Stopped(Exception):
    pass


class _Exceptions:
    def raise_compiler_error(self, message: str) -> None:
        raise _Stopped(message)


def _complaint(rows: str, where: str = "true") -> str | None:
    """What the macro stops at in these rows, whose key is learner and Monday; None where it lets them pass."""
    text = re.sub(r"{% materialization.*?endmaterialization %}", "", MACROS.read_text(), flags=re.DOTALL)
    with duckdb.connect() as connection:
        connection.execute(
            f"create table shown as select * from (values {rows}) as shown (learner_id, as_of_date)"
        )
        environment = jinja2.Environment(extensions=["jinja2.ext.do"])
        environment.globals |= {
            "run_query": lambda sql: _Answer(connection.execute(sql).fetchall()),
            "contract_key": lambda: ["learner_id", "as_of_date"],
            "exceptions": _Exceptions(),
        }
        try:
            environment.from_string(text).module.stop_at_a_doubled_key("shown", where)  # type: ignore[attr-defined]
        except _Stopped as stopped:
            return str(stopped)
        return None


def test_a_key_that_holds_passes():
    rows = "('L1', date '2026-11-16'), ('L1', date '2026-11-23'), ('L2', date '2026-11-23')"
    assert _complaint(rows) is None


@pytest.mark.parametrize("second", ["('L1', date '2026-11-23')", "(null, date '2026-11-23')"])
def test_a_doubled_key_or_one_with_a_hole_stops_the_build(second: str):
    rows = f"('L1', date '2026-11-23'), {second}"
    complaint = _complaint(rows)
    assert complaint is not None
    assert complaint.startswith("shown: more or less than one row for learner_id, as_of_date")
    assert _complaint(rows, "as_of_date > date '2026-11-23'") is None
