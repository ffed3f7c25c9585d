"""Tables for people who work elsewhere: the same rows, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.errors import ConfigError, QueryError
from passerelle.export import ExportFormat, export, harmless
from passerelle.settings import Settings
from passerelle.warehouse import BuildInfo, Warehouse

MONDAY = dt.date(2026, 11, 23)
ROWS = [("=cmd|' /C calc'!A0", 1, None), ('Ghent, "AI"\nline', -2, "x"), ("D'Hondt 😀", 3, " \t@SUM(A1)")]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    made = Warehouse(Settings(home=tmp_path / "home"))
    with duckdb.connect(str(made.begin(None))) as connection:
        for schema in ("conformed", "intermediate", "marts"):
            connection.execute(f"create schema {schema}")
        connection.execute("create table marts.mart_partner (name text, hired_count integer, note text)")
        connection.executemany("insert into marts.mart_partner values (?, ?, ?)", ROWS)
        connection.execute("create table marts.dim_learner as select 'pseudonym' as learner_id")
    made.record(BuildInfo(as_of=MONDAY, fingerprint="sql", landed={}))
    made.publish(MONDAY)
    return made


def test_parquet_holds_the_rows_as_they_are(warehouse: Warehouse, tmp_path: Path) -> None:
    written = export(warehouse, (), folder=tmp_path / "out", file_format=ExportFormat.PARQUET)
    assert {name: told["rows"] for name, told in written.items()} == {"mart_partner": 3}
    assert pq.read_table(tmp_path / "out" / "mart_partner.parquet").to_pylist() == [
        dict(zip(("name", "hired_count", "note"), row, strict=True)) for row in ROWS
    ]


def test_csv_disarms_texts_and_leaves_numbers_alone(warehouse: Warehouse, tmp_path: Path) -> None:
    export(warehouse, ("mart_partner",), folder=tmp_path, file_format=ExportFormat.CSV, as_of=MONDAY)
    with (tmp_path / "mart_partner.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["name", "hired_count", "note"],
        ["'=cmd|' /C calc'!A0", "1", ""],
        ['Ghent, "AI"\nline', "-2", "x"],
        ["D'Hondt 😀", "3", "' \t@SUM(A1)"],
    ]


def test_a_table_that_is_no_mart_is_named_and_nothing_is_written(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    with pytest.raises(QueryError, match=r"no mart named dim_nobody\s+allowed: dim_learner, mart_partner"):
        export(
            warehouse, ("mart_partner", "dim_nobody"), folder=tmp_path / "out", file_format=ExportFormat.CSV
        )
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_folders_place_is_named(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(ConfigError, match=r"cannot write into .*out: File exists"):
        export(warehouse, (), folder=tmp_path / "out", file_format=ExportFormat.CSV)


@given(st.text(alphabet=" \u00a0\t\r\n\0=+-@＝＋－＠a1'\"", max_size=6))
def test_no_text_still_begins_like_a_formula(text: str) -> None:
    (cell,) = harmless(pa.table({"note": [text]})).column("note").to_pylist()
    assert not cell.strip(" \u00a0\t\r\n\0").startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not cell.startswith(("\t", "\r", "\n", "\0"))
    assert cell.removeprefix("'") == text.removeprefix("'")
