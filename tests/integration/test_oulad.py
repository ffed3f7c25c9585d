"""OULAD, from the archive's own files to the panel: the real pull, the real dbt, the published figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from passerelle.landing import Landing
from passerelle.settings import Settings
from passerelle.sources import pull_school
from passerelle.transform import build
from passerelle.warehouse import Warehouse

ALL_KNOWN = dt.date(2015, 7, 6)
COMPARED = (
    "conformed.learners",
    "conformed.cohorts",
    "conformed.enrolments",
    "conformed.enrolment_status_changes",
    "conformed.assessments",
    "marts.fct_enrolment_week",
    "marts.fct_enrolment_target",
)


def _warehouse(home: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("OULAD_DIR", str(archive))
    settings = Settings(
        school="oulad", home=home, key="a key of more than thirty-two characters, shared by both homes"
    )
    pull_school("oulad", settings)
    Landing(settings).accept()
    build("oulad", settings, as_of=ALL_KNOWN)
    return Warehouse(settings)


@pytest.fixture(scope="module")
def warehouse(oulad_dir, tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield _warehouse(tmp_path_factory.mktemp("oulad"), oulad_dir, monkeypatch)


def test_every_enrolment_arrives_with_its_result(warehouse):
    results = warehouse.built("""
        select status, count(*) as changes_count from conformed.enrolment_status_changes group by status
    """)
    counts = dict(zip(results["status"], results["changes_count"], strict=True))
    assert counts["enrolled"] == 32_593
    assert counts["completed"] == 12_361 + 3_024
    assert counts["failed"] == 7_052 - 9, "nine learners with the result Fail had unregistered"
    assert counts["dropped_out"] == 10_156 + 9


def test_work_marked_1_by_some_and_100_by_others_is_handed_in_and_not_marked(warehouse):
    unmarked = warehouse.built("""
        select cohort_id from marts.fct_enrolment_week where week_of_training = 6
        group by cohort_id having sum(handed_in_of_due_count) > 0 and sum(scored_count) = 0
    """)
    assert unmarked["cohort_id"].tolist() == ["BBB-2014J"]


@pytest.mark.parametrize(("day", "published_count"), [(14, 9_331), (28, 9_211), (56, 8_877)])
def test_active_learners_of_2014j_are_those_of_the_published_comparison(warehouse, day, published_count):
    monday = dt.date(2014, 10, 6) + dt.timedelta(days=day)
    active = warehouse.built(f"""
        select count(*) as active_count from marts.fct_enrolment_week
        where is_active and as_of_date = date '{monday}' and cohort_id like '%2014J'
    """)
    assert active["active_count"].item() == pytest.approx(published_count, rel=0.01)


def test_a_partial_click_log_leaves_no_silent_learners(warehouse):
    weeks = warehouse.built("""
        select max(as_of_date) filter (has_activity) as last_logged, max(as_of_date) as last_week
        from marts.fct_enrolment_week
        where cohort_id = 'BBB-2013J'
    """)
    last_clicks = warehouse.built("""
        select max(activity_date) as last_clicks from conformed.activity_days where enrolment_id like 'BBB-2013J-%'
    """)["last_clicks"].item()
    assert pd.Timestamp(weeks["last_logged"].item()) <= pd.Timestamp(last_clicks) + pd.Timedelta(days=21)


def test_no_placement_marts_are_empty_and_nothing_breaks(warehouse):
    assert warehouse.built("select count(*) as n from conformed.outcome_events")["n"].item() == 0
    assert warehouse.built("select count(*) as n from marts.fct_outcome_event")["n"].item() == 0


def _one_module(archive: Path, folder: Path) -> Path:
    """Copy one presentation of the archive, as it is written there."""
    folder.mkdir()
    assessments = pd.read_csv(archive / "assessments.csv", dtype=str, keep_default_na=False)
    kept = assessments.query("code_module == 'AAA' and code_presentation == '2014J'")
    for file in archive.glob("*.csv"):
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
        if "code_module" in frame:
            frame = frame.query("code_module == 'AAA' and code_presentation == '2014J'")
        else:
            frame = frame[frame["id_assessment"].isin(kept["id_assessment"])]
        frame.to_csv(folder / file.name, index=False)
    return folder


def _in_the_other_encoding(archive: Path, folder: Path, missing: Mapping[str, tuple[str, ...]]) -> Path:
    """Write the same files with Y/N, 0/1, whole numbers, and '?' for what is missing."""
    folder.mkdir()
    truth = {"disability": {"True": "Y", "False": "N"}, "is_banked": {"True": "1", "False": "0"}}
    for file in archive.glob("*.csv"):
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
        for column, translation in truth.items():
            if column in frame:
                frame[column] = frame[column].replace(translation)
        frame = frame.replace(r"^(-?\d+)\.0$", r"\1", regex=True)
        for column in missing.get(file.name, ()):
            frame[column] = frame[column].replace("", "?")
        frame.to_csv(folder / file.name, index=False)
    return folder


def test_both_encodings_of_the_archive_give_the_same_school(oulad_dir, tmp_path, monkeypatch):
    as_here = _one_module(oulad_dir, tmp_path / "as here")
    missing = {
        "assessments.csv": ("date",),
        "studentInfo.csv": ("imd_band",),
        "studentRegistration.csv": ("date_registration", "date_unregistration"),
        "studentAssessment.csv": ("score",),
        "vle.csv": ("week_from", "week_to"),
    }
    official = _in_the_other_encoding(as_here, tmp_path / "official", missing)
    one = _warehouse(tmp_path / "one", as_here, monkeypatch)
    other = _warehouse(tmp_path / "other", official, monkeypatch)
    for table in COMPARED:
        everything = f"select * from {table} order by all"
        rows = one.built(everything)
        assert len(rows) > 0, table
        pd.testing.assert_frame_equal(rows, other.built(everything), obj=table)
