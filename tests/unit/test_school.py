"""A school's folder is typed, frozen and closed; mistakes name the file to fix."""

import datetime as dt

import numpy as np
import pytest

from passerelle.demo_school.chance import day_number
from passerelle.demo_school.school_calendar import SchoolCalendar
from passerelle.errors import ConfigError
from passerelle.school import School, _read, load_school, parse_monday, school_dir


@pytest.mark.parametrize("name", ["ai_school", "job_training_trial", "oulad"])
def test_shipped_schools_load_and_their_current_week_is_a_monday(name):
    assert load_school(name).current_monday().weekday() == 0


def test_an_unknown_key_is_refused_with_its_name_and_file(tmp_path):
    path = tmp_path / "school.toml"
    path.write_text("colour = 'red'\n" + (school_dir("ai_school") / "school.toml").read_text())
    with pytest.raises(ConfigError, match=r"unknown key 'colour'") as caught:
        _read(path, School)
    assert caught.value.fix == str(path)


@pytest.mark.parametrize(
    ("right", "wrong", "said", "allowed"),
    [
        ("capacity = 6", "capacity = 0", "'coaching.capacity' is 0", "Input should be greater than 0"),
        (
            "capacity = 6",
            "capacity = 6\ncolour = 1",
            "unknown key 'coaching.colour'",
            "the keys capacity, default_language",
        ),
        ("capacity = 6", "", "'coaching.capacity' is missing", ""),
        (
            '"school_promise"',
            '"school_promis"',
            "'outcome.definition_id': no definition 'school_promis' in dbt/seeds/outcomes/outcome_definitions.csv",
            "",
        ),
        (
            '"school_promise"',
            '"vdab_28_days"',
            "vdab_28_days has a window of 6 months and a lag of 45 days",
            "",
        ),
        (
            "reporting_lag_days = 45",
            "reporting_lag_days = 30",
            "a window of 180 days and a lag of 45 days",
            "",
        ),
        ("Europe/Brussels", "Europe/Bruxelles", "no time zone 'Europe/Bruxelles'", ""),
        ('learners = ["sis"]', 'learners = ["hr"]', "entities.learners names the system 'hr'", ""),
        ('languages = ["fr", "nl", "en"]', 'languages = ["fr", "nl"]', "somebody is to read 'en'", ""),
        ("[2025-12-24, 2026-01-02]", "[2026-01-02, 2025-12-24]", "closed from 2026-01-02 to 2025-12-24", ""),
    ],
)
def test_a_mistake_tells_the_value_what_is_allowed_and_the_file(tmp_path, right, wrong, said, allowed):
    path = tmp_path / "school.toml"
    text = (school_dir("ai_school") / "school.toml").read_text()
    assert text.count(right) == 1
    path.write_text(text.replace(right, wrong))
    with pytest.raises(ConfigError) as caught:
        _read(path, School)
    assert caught.value.found.startswith(f"{path}: ")
    assert said in caught.value.found
    assert caught.value.allowed.startswith(allowed)
    assert caught.value.fix == str(path)


def test_a_missing_school_names_those_that_exist():
    with pytest.raises(ConfigError, match="ai_school, job_training_trial, oulad"):
        load_school("hogwarts")


def test_an_as_of_that_is_not_a_monday_names_the_monday_before():
    with pytest.raises(ConfigError, match="Wednesday") as caught:
        parse_monday("2026-11-25")
    assert "2026-11-23" in caught.value.allowed


def test_an_as_of_that_is_not_a_date_is_refused():
    with pytest.raises(ConfigError, match="not a date"):
        parse_monday("next week")


def test_a_monday_passes_through():
    assert parse_monday("2026-11-23") == dt.date(2026, 11, 23)


def lottery(tmp_path, text):
    path = tmp_path / "school.toml"
    whole = (school_dir("ai_school") / "school.toml").read_text()
    path.write_text(whole.replace("[entities]", f"[coaching.lottery]\n{text}\n[entities]"))
    return _read(path, School).coaching.lottery


def test_no_place_is_drawn_by_lot_unless_the_school_says_so(tmp_path):
    assert load_school("ai_school").coaching.lottery is None
    assert lottery(tmp_path, 'places = 2\nseed = "spring 2027"').places == 2


@pytest.mark.parametrize(
    "text", ['places = 7\nseed = "a"', 'places = 2\nseed = ""', """places = 2\nseed = "a' or '" """]
)
def test_a_lottery_over_more_than_the_capacity_or_with_a_seed_that_is_no_word_is_refused(tmp_path, text):
    with pytest.raises(ConfigError, match="coaching"):
        lottery(tmp_path, text)


@pytest.mark.parametrize(
    ("entity", "monday", "fresh_from"),
    [
        ("attendance", "2026-11-23", "2026-11-20"),  # Friday
        ("attendance", "2026-05-04", "2026-04-30"),  # Friday was Labour Day
        ("activity_days", "2026-01-05", "2025-12-23"),  # a weekend, and the last day before the break
        ("outcome_events", "2026-11-23", "2026-10-08"),
        ("support_actions", "2026-11-23", None),
    ],
)
def test_a_day_without_class_does_not_make_a_source_older(entity, monday, fresh_from):
    found = load_school("ai_school").freshness.fresh_from(entity, dt.date.fromisoformat(monday))
    assert (found and found.isoformat()) == fresh_from


def test_the_school_is_closed_when_its_simulator_says_so():
    school, first = load_school("ai_school"), dt.date(2025, 12, 21)
    days = [first + dt.timedelta(days=number) for number in range(2 * 366)]
    is_open = SchoolCalendar(first, days[-1], school.time_zone).is_open(
        np.array([day_number(day) for day in days])
    )
    closed = [any(low <= day <= high for low, high in school.freshness.closed) for day in days]
    weekdays = [(day, shut) for day, shut in zip(days, closed, strict=True) if day.weekday() < 5]
    assert weekdays == [
        (day, not open_) for day, open_ in zip(days, is_open, strict=True) if day.weekday() < 5
    ]


def test_an_unknown_kind_of_fact_cannot_be_stale(tmp_path, monkeypatch):
    (tmp_path / "school").mkdir()
    whole = (school_dir("ai_school") / "school.toml").read_text()
    (tmp_path / "school" / "school.toml").write_text(whole.replace("activity_days = 3", "moods = 3"))
    monkeypatch.setenv("PASSERELLE_SCHOOLS_DIR", str(tmp_path))
    with pytest.raises(ConfigError, match="unknown entity 'moods'"):
        load_school("school")
