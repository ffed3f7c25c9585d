"""contract_files: a school without systems drops files in exactly the shapes of the school contract."""

from __future__ import annotations

import datetime as dt
import tomllib

import pytest
import yaml

from passerelle.school import ENTITIES, System
from passerelle.settings import PROJECT_DIR

CONTRACT_TYPES = {
    "text": "text", "integer": "integer", "number": "double", "boolean": "boolean", "date": "date",
    "timestamp": "timestamp",
}  # fmt: skip


@pytest.fixture(scope="module")
def template() -> System:
    text = (PROJECT_DIR / "schools" / "contract_files.toml").read_text(encoding="utf-8")
    return System.model_validate(tomllib.loads(text))


def _contract(entity: str) -> dict:
    path = PROJECT_DIR / "dbt" / "models" / "conformed" / f"{entity}.yml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))["models"][0]


#: What the landing adds to the heavy facts; no sender knows it.
OURS = ("is_correction", "known_at_utc")


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_template_asks_for_the_columns_and_key_of_the_contract(template, entity):
    contract = _contract(entity)
    promised = {column["name"]: column["data_type"] for column in contract["columns"]}
    asked = {name: CONTRACT_TYPES[kind] for name, kind in template.tables[entity].columns.items()}
    assert asked == {name: kind for name, kind in promised.items() if name not in OURS}
    assert [*template.tables[entity].key, "known_at"] == contract["constraints"][0]["columns"]


def test_every_person_in_the_template_is_a_pseudonym(template):
    for name, table in template.tables.items():
        people = {column for column in table.columns if column in ("learner_id", "coach_id")}
        assert set(table.pseudonyms) == people, name


def test_files_in_the_contract_s_shape_come_through_unchanged_but_for_the_clock(query):
    local = dt.datetime(2026, 7, 2, 0, 30)
    assert query("select * from conformed.coaches") == [("cch_a", local, "Ghent", "nl")]
    assert query("select mark, known_at from conformed.attendance where enrolment_id = 'E5'") == [
        ("present", local)
    ]
    event = query(
        "select source, evidence_class, event_date from conformed.outcome_events where learner_id = 'lrn_z'"
    )
    assert event == [("payslips", "contract", dt.date(2026, 6, 15))]
