"""Who follows whom on a day, by the newest version of each caseload."""

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from passerelle.caseloads import followed
from passerelle.settings import Settings
from passerelle.warehouse import Warehouse

DAY = dt.date(2026, 11, 23)
VERSIONS = """
    ('C-1', 'cch_a', 'E-1', date '2026-09-01', null, timestamp '2026-09-01'),
    ('C-1', 'cch_b', 'E-1', date '2026-09-01', null, timestamp '2026-10-01'),
    ('C-2', 'cch_a', 'E-2', date '2026-09-01', date '2026-11-23', timestamp '2026-09-01'),
    ('C-3', 'cch_a', 'E-3', date '2026-09-01', date '2026-11-22', timestamp '2026-09-01'),
    ('C-4', 'cch_a', 'E-4', date '2026-11-24', null, timestamp '2026-09-01'),
    ('C-5', 'D''Hondt', 'E-5', date '2026-09-01', null, timestamp '2026-09-01')
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    made = Warehouse(Settings(home=tmp_path))
    made.folder.mkdir()
    with duckdb.connect(str(made.published)) as connection:
        for schema in ("marts", "conformed", "intermediate"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            f"create table conformed.caseloads as select * from (values {VERSIONS})"
            " as versions (caseload_id, coach_id, enrolment_id, start_date, end_date, known_at)"
        )
    return made


def test_a_caseload_is_of_whom_its_newest_version_names_while_it_stands(warehouse: Warehouse) -> None:
    assert followed(warehouse, DAY) == {("cch_b", "E-1"), ("cch_a", "E-2"), ("D'Hondt", "E-5")}


def test_asked_of_one_coach_it_says_the_same_of_that_coach(warehouse: Warehouse) -> None:
    everybody = followed(warehouse, DAY)
    for coach in ("cch_a", "cch_b", "D'Hondt", "cch_unknown"):
        own = {pair for pair in followed(warehouse, DAY, coach_ids=[coach]) if pair[0] == coach}
        assert own == {pair for pair in everybody if pair[0] == coach}
