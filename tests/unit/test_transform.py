"""The build: what it starts from, what it refuses, and what it says when dbt fails."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from little_school import deliver, facts, land, land_nothing, monday
from passerelle import transform
from passerelle.cli import app
from passerelle.errors import BuildError, GateFailure
from passerelle.settings import Settings
from passerelle.starting_point import _fingerprint, starting_point
from passerelle.steps import kept_results
from passerelle.warehouse import Warehouse

AS_OF = monday(4)
LISTS = {
    "fct_score",
    "fct_shown_name",
    "fct_list_candidate",
    "fct_list_order",
    "fct_list_place",
}
TWO_RUNS = """
import datetime, pathlib, sys
from passerelle import transform
from passerelle.settings import Settings

settings = Settings(school="ai_school", home=pathlib.Path(sys.argv[1]))
as_of = datetime.date.fromisoformat(sys.argv[2])
for model_version in ("none", ""):
    transform.build("ai_school", settings, as_of=as_of, select="risk", model_version=model_version)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A little school, built and published once."""
    settings = Settings(school="ai_school", home=tmp_path_factory.mktemp("school"))
    land_nothing(settings)
    deliver(settings, facts(seed=1, cohorts=2, learners=2), name="all", seed=1)
    transform.build("ai_school", settings, as_of=AS_OF)
    Warehouse(settings).publish(AS_OF)
    return settings


def _copy(built: Settings, home: Path) -> Settings:
    shutil.copytree(built.state_dir, home / "copy")
    return Settings(school="ai_school", home=home / "copy")


def _start(settings: Settings, as_of: dt.date = AS_OF, **choices: bool) -> tuple[bool, str]:
    """Whether a build would start from nothing, and why."""
    base, why = starting_point("ai_school", settings, as_of=as_of, **choices)
    return base is None, why


def test_every_unit_test_of_the_models_passes(built: Settings, tmp_path: Path):
    settings = _copy(built, tmp_path)
    transform.build("ai_school", settings, as_of=AS_OF)
    ran = transform.run_unit_tests("ai_school", settings, as_of=AS_OF)
    told = (yaml.safe_load(path.read_text()) for path in (transform.DBT_DIR / "models").rglob("*.yml"))
    assert ran == sum(len(each.get("unit_tests", [])) for each in told) > 0


def test_a_school_in_which_nobody_has_enrolled_yet_has_an_empty_panel(tmp_path: Path):
    settings = Settings(school="ai_school", home=tmp_path)
    land_nothing(settings)
    transform.build("ai_school", settings, as_of=AS_OF)
    Warehouse(settings).publish(AS_OF)
    told = Warehouse(settings).query("select count(*) as row_count from fct_enrolment_week")
    assert told.to_pylist() == [{"row_count": 0}]


def test_nothing_new_carries_on(built: Settings):
    assert _start(built) == (False, f"carried on from {AS_OF}")
    assert _start(built, monday(5)) == (False, f"carried on from {AS_OF}")


def test_who_builds_by_hand_may_start_from_nothing(
    built: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    settings = _copy(built, tmp_path)
    assert not _start(settings)[0]
    monkeypatch.setenv("PASSERELLE_HOME", str(settings.state_dir))
    ended = CliRunner().invoke(app, ["build", "--full-refresh", "--as-of", AS_OF.isoformat()])
    # Gate 2 asks for more learners than the little school has: it stops after the build.
    assert isinstance(ended.exception, GateFailure)
    told = kept_results(settings, AS_OF)["build"]
    assert (told["mode"], told["why"]) == ("full", "asked for")


def test_an_earlier_monday_starts_over(built: Settings):
    starts_over, why = _start(built, monday(3))
    assert starts_over
    assert "later than this Monday" in why


def test_a_fact_known_after_the_published_monday_carries_on_and_one_known_before_starts_over(
    built: Settings, tmp_path: Path
):
    settings = _copy(built, tmp_path)
    mark = {"enrolment_no": "E0", "session_date": AS_OF, "session_part": "am", "mark": "present"}
    midnight = dt.datetime.combine(AS_OF, dt.time()) - dt.timedelta(hours=1)
    land(settings, "lms", "attendance", [mark | {"_known_at": midnight}], name="after")
    assert not _start(settings)[0]
    land(
        settings,
        "lms",
        "attendance",
        [mark | {"_known_at": midnight - dt.timedelta(seconds=1)}],
        name="before",
    )
    assert _start(settings) == (True, f"lms/attendance/before.parquet holds facts known before {AS_OF}")


def test_a_landed_file_that_has_gone_starts_over(built: Settings, tmp_path: Path):
    settings = _copy(built, tmp_path)
    settings.part("landing", "lms", "activity", "all_0.parquet").unlink()
    assert _start(settings) == (True, "lms/activity/all_0.parquet is gone or has changed")


def test_the_risk_marts_are_built_on_their_own_monday_only(built: Settings, tmp_path: Path):
    settings = _copy(built, tmp_path)
    with pytest.raises(BuildError, match="no warehouse of 2026-03-30"):
        transform.build("ai_school", settings, as_of=monday(5), select="risk")
    result = transform.build("ai_school", settings, as_of=AS_OF, select="risk", model_version="none")
    assert result.mode == "risk"
    assert set(result.timings) == LISTS | {
        "fct_list_draw",
        "fct_listing",
        "mart_cohort_forecast",
        "mart_risk_list",
        "mart_support",
    }
    Warehouse(settings).publish(AS_OF)
    reasons = Warehouse(settings).frame("select distinct not_scored_reason from mart_risk_list")
    assert reasons["not_scored_reason"].tolist() == ["no_score"]


def test_the_lists_alone_are_built_aside_for_the_forecast(built: Settings, tmp_path: Path):
    settings = _copy(built, tmp_path)
    assert set(transform.build("ai_school", settings, as_of=AS_OF, select="lists").timings) == LISTS
    assert len(Warehouse(settings).built("select * from fct_list_place"))


def test_what_is_carried_on_does_not_hang_on_a_lottery_but_on_the_other_choices():
    choices = {"capacity": 6, "lottery_places": 0, "lottery_seed": ""}
    assert _fingerprint(choices) == _fingerprint(choices | {"lottery_places": 2, "lottery_seed": "spring"})
    assert _fingerprint(choices) != _fingerprint(choices | {"capacity": 7})


def test_a_failing_model_is_named_and_nothing_is_published(built: Settings, tmp_path: Path):
    settings = _copy(built, tmp_path)
    settings.part("landing", "lms", "attendance", "all_1.parquet").write_bytes(b"no parquet")
    warehouse = Warehouse(settings)
    before = warehouse.frame("select count(*) as n from fct_enrolment_week")["n"][0]
    with pytest.raises(BuildError) as failure:
        transform.build("ai_school", settings, as_of=monday(5), full_refresh=True)
    assert "dbt/models/conformed/attendance.sql" in str(failure.value)
    assert "nothing was published" in str(failure.value)
    assert warehouse.frame("select count(*) as n from fct_enrolment_week")["n"][0] == before
    with pytest.raises(BuildError, match="nothing to publish"):
        warehouse.publish(monday(5))


def test_a_key_that_is_there_twice_or_has_a_hole_stops_the_build(built: Settings, tmp_path: Path):
    settings = _copy(built, tmp_path)
    tonight = dt.datetime.combine(AS_OF, dt.time(9))
    coach = {"coach_no": None, "campus": "Ghent", "language": "nl", "_known_at": tonight}
    land(settings, "sis", "coach", [coach], name="hole")
    with duckdb.connect(str(Warehouse(settings).published)) as connection:
        connection.execute(
            "insert into intermediate.int_cohort_week select * replace (week + 1 as week)"
            " from intermediate.int_cohort_week where week = (select max(week) from intermediate.int_cohort_week)"
        )
        for table in ("conformed.outcome_events", "marts.fct_outcome_event"):
            connection.execute(
                f"insert into {table} by name select 'E1' as outcome_event_id,"
                " timestamp '2026-01-05' as known_at, 'L1' as learner_id from range(2)"
            )
    with pytest.raises(BuildError, match="more failed"):
        transform.build("ai_school", settings, as_of=monday(5))
    log = settings.part("logs", "dbt", "dbt.log").read_text(encoding="utf-8")
    stopped = dict(re.findall(r'"(\w+)": more or less than one row for ([\w, ]+) =', log))
    assert stopped == {  # but not outcome_events: of a table that only grows, what was added is looked at
        "fct_enrolment_week": "enrolment_id, as_of_date",
        "fct_outcome_event": "outcome_event_id, known_at",
        "coaches": "coach_id, known_at",
    }


def test_a_new_rule_of_what_is_in_the_field_reaches_every_event(
    built: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    project = tmp_path / "dbt"
    shutil.copytree(transform.DBT_DIR, project, ignore=shutil.ignore_patterns("target", "logs"))
    with (project / "seeds" / "outcomes" / "in_field_rules.csv").open("a") as rules:
        rules.write(f"2018-2,{monday(5)},5223,Shop sales assistants\n")
    for module in (transform, sys.modules[starting_point.__module__]):
        monkeypatch.setattr(module, "DBT_DIR", project)
    settings = _copy(built, tmp_path)
    told_at = dt.datetime.combine(monday(1), dt.time(9))
    job = {"referentie": "L1", "datum_in_dienst": monday(0), "beroepscode_isco": "5223", "_known_at": told_at}
    land(settings, "vdab", "tewerkstelling", [job], name="job")
    told = []
    for as_of in (AS_OF, monday(5)):
        result = transform.build("ai_school", settings, as_of=as_of)
        Warehouse(settings).publish(as_of)
        rows = Warehouse(settings).frame("select in_field_rule_version, is_in_field from fct_outcome_event")
        told.append((result.mode, *rows.to_numpy().tolist()))
    assert told == [("full", ["2018-1", False]), ("incremental", ["2018-2", True])]


def test_only_changed_files_are_parsed_again_whatever_the_choices_of_the_run(built: Settings, tmp_path: Path):
    settings = _copy(built, tmp_path)
    # In a process of its own: others in this one may have switched dbt's log off.
    subprocess.run([sys.executable, "-c", TWO_RUNS, str(settings.state_dir), AS_OF.isoformat()], check=True)
    log = settings.part("logs", "dbt", "dbt.log").read_text(encoding="utf-8")
    since = log[len(built.part("logs", "dbt", "dbt.log").read_text(encoding="utf-8")) :]
    assert since.count("Running with dbt") == 4
    moved = "config vars, config profile, or config target have changed"  # the copy lies elsewhere
    assert since.count(moved) == 1


def test_progress_is_told_for_every_table_and_test(built: Settings, tmp_path: Path):
    settings, told = _copy(built, tmp_path), []
    result = transform.build(
        "ai_school",
        settings,
        as_of=AS_OF,
        progress=lambda text, done, total: told.append((text, done, total)),
    )
    assert len(told) >= result.models + result.tests
    assert {total for _, _, total in told} == {len(told)}


def test_the_documentation_is_one_page(built: Settings, tmp_path: Path):
    page = transform.docs("ai_school", _copy(built, tmp_path))
    assert page.parts[-2:] == ("docs", "index.html")
    assert "fct_enrolment_week" in page.read_text(encoding="utf-8")
