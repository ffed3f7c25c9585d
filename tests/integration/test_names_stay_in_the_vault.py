"""A canary among the learners leaves no trace outside the vault and the rendered reports, in any byte of the state."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from demo_week import Week
from passerelle.settings import Settings
from passerelle.vault import Vault

pytestmark = pytest.mark.slow
ALLOWED = ("demo_school", "reports", "outbox", "mailbox")


def texts(path: Path) -> Iterator[str]:
    """Everything that a file says: its bytes, and what its compression hides."""
    content = path.read_bytes()
    yield content.decode("latin-1")
    yield content.decode("utf-8", errors="replace")
    if path.suffix == ".gz":
        yield gzip.decompress(content).decode("utf-8", errors="replace")
    if path.suffix == ".parquet":
        yield str(pq.read_table(path).to_pydict())
    if path.suffix == ".duckdb":
        yield from tables(path)


def tables(path: Path) -> Iterator[str]:
    with duckdb.connect(str(path), read_only=True) as warehouse:
        named = warehouse.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        for schema, table in named:
            yield str(warehouse.execute(f'select * from "{schema}"."{table}"').to_arrow_table().to_pydict())


def traces(week: Week, folder: Path) -> list[str]:
    return [
        f"{trace!r} in {path.relative_to(week.home)}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(week.home).parts[0] not in ALLOWED
        for text in texts(path)
        for trace in week.canary.traces
        if trace in text
    ]


def test_no_byte_of_the_state_holds_the_canary(demo_week: Week) -> None:
    searched = [path for path in demo_week.home.rglob("*") if path.is_file()]
    assert {".parquet", ".duckdb", ".db", ".log", ".json"} <= {path.suffix for path in searched}
    assert traces(demo_week, demo_week.home) == []


def test_the_search_would_find_the_canary(demo_week: Week, tmp_path: Path) -> None:
    planted = demo_week.home / "planted.duckdb"
    with duckdb.connect(str(planted)) as warehouse:
        warehouse.execute("create table people as select ? as last_name", [demo_week.canary.last_name])
    try:
        assert traces(demo_week, demo_week.home) != []
    finally:
        planted.unlink()


def test_the_vault_knows_the_canary(demo_week: Week) -> None:
    vault = Vault(Settings(school="ai_school", home=demo_week.home))
    with duckdb.connect(str(demo_week.home / "warehouse" / "passerelle.duckdb"), read_only=True) as warehouse:
        ids = [row[0] for row in warehouse.execute("select learner_id from marts.dim_learner").fetchall()]
    assert demo_week.canary.last_name in set(vault.people("learner", ids)["last_name"])
