"""A canary among the learners leaves no trace outside the vault and the rendered reports, in any byte of the state."""

from pathlib import Path

import duckdb
import pytest

from demo_week import Week
from passerelle.reports.names import shown_name
from passerelle.school import load_school
from passerelle.settings import Settings
from passerelle.vault import Vault
from passerelle.warehouse import Warehouse
from state_texts import read, texts

pytestmark = pytest.mark.slow
ALLOWED = ("demo_school", "reports", "outbox", "mailbox")


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


def test_what_leads_and_the_director_are_sent_names_no_learner_of_the_school(demo_week: Week) -> None:
    settings = Settings(home=demo_week.home)
    learners = Warehouse(settings).frame("select learner_id from dim_learner")["learner_id"].tolist()
    people = Vault(settings).people("learner", learners)
    names = {
        shown_name(first, last) for first, last in people[["first_name", "last_name"]].itertuples(index=False)
    }
    assert len(names) > 1_000
    readers = {reader.id for reader in load_school("ai_school").overviews}
    sent = [path for path in demo_week.home.rglob("*") if path.is_file() and path.stem in readers]
    assert {(path.stem, path.suffix) for path in sent} >= {
        (reader, end) for reader in readers for end in (".html", ".eml")
    }
    said = "".join(map(read, sent))
    assert "Antwerp" in said
    assert {name for name in {*names, *learners} if name in said} == set()
