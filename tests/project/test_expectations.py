"""The expectations as a house rule: each table has its suite, and each expectation its why."""

from __future__ import annotations

import tomllib
from pathlib import Path

import great_expectations as gx
import pytest
import yaml

from passerelle.gates.findings import ALLOWED
from passerelle.gates.suites import EXPECTATIONS_DIR, read_suite
from passerelle.school import System, Table, load_school, load_system
from passerelle.settings import PROJECT_DIR

SCHOOLS = sorted(path.parent.name for path in (PROJECT_DIR / "schools").glob("*/school.toml"))
TEMPLATE = PROJECT_DIR / "schools" / "contract_files.toml"
FILES = sorted(EXPECTATIONS_DIR.glob("*/*.yml"))
RAW, MARTS = sorted(EXPECTATIONS_DIR.glob("raw/*.yml")), sorted(EXPECTATIONS_DIR.glob("marts/*.yml"))
ADDED_AT_LANDING = {"_known_at", "_is_correction", "_load_id"}
SCORE_COLUMNS = {
    "enrolment_id",
    "as_of_date",
    "target",
    "model_version",
    "score_probability",
    "probability_low",
    "probability_high",
    "listed_share",
    "basis",
    "reason_1_code",
    "reason_2_code",
    "reason_3_code",
    "strength_1_code",
    "not_scored_reason",
}


def raw_tables() -> dict[str, Table]:
    """Every table that a school's systems send, and the template of the school of files."""
    systems = {
        system: load_system(school, system) for school in SCHOOLS for system in load_school(school).systems
    }
    assert systems
    systems["contract_files"] = System.model_validate(tomllib.loads(TEMPLATE.read_text()))
    return {
        f"{name}.{table}": told for name, system in systems.items() for table, told in system.tables.items()
    }


def mart_columns(mart: str) -> set[str]:
    """Columns that the contract of a mart declares."""
    text = (PROJECT_DIR / "dbt" / "models" / "marts" / f"{mart}.yml").read_text()
    (model,) = yaml.safe_load(text)["models"]
    return {column["name"] for column in model["columns"]}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_suite_is_named_after_its_file_and_its_table(path: Path) -> None:
    suite = read_suite(path)
    assert suite.name == path.stem
    assert suite.table.replace(".", "__") == path.stem


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_great_expectations_knows_every_expectation_and_we_have_words_for_it(path: Path) -> None:
    suite = read_suite(path)
    promised = [expectation.model_dump() for expectation in suite.expectations]
    assert len(gx.ExpectationSuite(name=suite.name, expectations=promised).expectations) == len(promised)
    assert {expectation.type for expectation in suite.expectations} <= set(ALLOWED)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_each_expectation_says_why_in_a_sentence_of_its_own(path: Path) -> None:
    whys = [expectation.meta.why for expectation in read_suite(path).expectations]
    assert [why for why in whys if len(why.split()) < 8 or not why.rstrip().endswith((".", "?"))] == []
    assert len(set(whys)) == len(whys)


def test_every_raw_table_of_every_school_has_a_suite_and_every_suite_a_table() -> None:
    assert {read_suite(path).table for path in RAW} == set(raw_tables())


@pytest.mark.parametrize("path", RAW, ids=lambda path: path.stem)
def test_a_raw_suite_speaks_of_columns_that_land_and_of_no_identifying_one(path: Path) -> None:
    suite = read_suite(path)
    table = raw_tables()[suite.table]
    assert suite.columns <= (set(table.columns) - set(table.identifying)) | ADDED_AT_LANDING


@pytest.mark.parametrize("path", MARTS, ids=lambda path: path.stem)
def test_a_mart_suite_speaks_of_columns_of_its_mart(path: Path) -> None:
    assert read_suite(path).columns <= mart_columns(path.stem)


def test_the_score_suite_speaks_of_columns_of_a_score_file() -> None:
    (path,) = EXPECTATIONS_DIR.glob("scores/*.yml")
    assert read_suite(path).columns <= SCORE_COLUMNS


def test_what_coaches_may_see_is_listed_column_by_column_and_nothing_protected_is_among_it() -> None:
    from support_need.spec import PROTECTED

    suite = read_suite(EXPECTATIONS_DIR / "marts" / "mart_risk_list.yml")
    (listed,) = [each for each in suite.expectations if each.type == "expect_table_columns_to_match_set"]
    assert listed.severity == "critical"
    assert listed.kwargs["exact_match"] is True
    assert set(listed.kwargs["column_set"]) == mart_columns("mart_risk_list")
    assert not PROTECTED.intersection(listed.kwargs["column_set"])


def test_a_source_that_has_stopped_never_stops_the_line() -> None:
    freshness = [each for path in RAW for each in read_suite(path).expectations if each.is_about_freshness]
    assert {each.severity for each in freshness} == {"warning"}


def test_a_table_that_comes_whole_may_not_come_back_much_smaller() -> None:
    whole = [name for name, table in raw_tables().items() if table.known_at == "landed_at"]
    assert whole
    for name in whole:
        suite = read_suite(EXPECTATIONS_DIR / "raw" / f"{name.replace('.', '__')}.yml")
        shares = [each.kwargs["min_value"] for each in suite.expectations if each.is_about_volume]
        assert {"$PARAMETER": "0.9 * landed_row_count"} in shares, name


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_allowed_code_is_a_word_that_yaml_took_for_something_else(path: Path) -> None:
    sets = [each.kwargs["value_set"] for each in read_suite(path).expectations if "value_set" in each.kwargs]
    listed = [code for codes in sets if isinstance(codes, list) for code in codes]
    assert [code for code in listed if code is None or isinstance(code, bool) or code == ""] == []
