"""A pull brings what is new, once, in its declared shape, and without names."""

import datetime as dt
import os
import subprocess
import sys


def test_everything_lands_typed_dated_and_under_pseudonyms(tiny_school):
    rows = tiny_school.pull_and_accept()
    assert rows == {
        "office.learner": 2,
        "office.coach": 1,
        "platform.attendance": 2,
        "platform.attendance_note": 1,
        "service.placement": 1,
        "archive.clicks": 3,
    }
    learner = tiny_school.landed("office.learner")[0]
    assert learner.pop("_load_id")
    assert learner.pop("learner_no").startswith("lrn_")
    assert learner == {
        "education_isced": 3,
        "has_disability": False,
        "updated_at": dt.datetime(2026, 1, 5, 9),
        "_known_at": dt.datetime(2026, 1, 5, 9),
        "_is_correction": False,
    }
    placement = tiny_school.landed("service.placement")[0]
    assert (placement["start_date"], placement["hours_pct"]) == (dt.date(2026, 2, 1), 87.5)
    assert placement["_known_at"] == dt.datetime(2026, 3, 1)


def test_one_person_has_one_pseudonym_in_every_system(tiny_school):
    tiny_school.pull_and_accept()
    assert (
        tiny_school.landed("service.placement")[0]["reference"]
        == tiny_school.landed("office.learner")[0]["learner_no"]
    )


def test_names_are_nowhere_in_the_state_but_people_are_in_the_vault(tiny_school):
    tiny_school.pull_and_accept()
    stored = tiny_school.stored_bytes()
    for secret in ("Aya", "Bram", "Chlo", "lodie", "470 12 34 56", "aya@example.org", "1990-05-01"):
        assert secret.encode() not in stored
    learner = tiny_school.landed("office.learner")[0]["learner_no"]
    person = tiny_school.vault.people("learner", [learner]).loc[learner]
    assert (person.first_name, person.phone, person.surname) == ("Aya", "+32 470 12 34 56", "Élodie")
    assert person.birth_date == dt.date(1990, 5, 1)


def test_a_second_pull_brings_only_what_is_new(tiny_school):
    tiny_school.pull_and_accept()
    assert sum(tiny_school.pull_and_accept().values()) == 0
    tiny_school.sql("insert into coach values ('C2', 'Dirk', 'Gent', '2026-01-09 08:00:00')")
    tiny_school.write(
        "platform/attendance_2026-01-13.csv",
        "enrolment_no,session_date,mark,minutes,recorded_at\nE1,2026-01-13,late,170,2026-01-13T18:00:00Z\n",
    )
    new = {name: count for name, count in tiny_school.pull_and_accept().items() if count}
    assert new == {"office.coach": 1, "platform.attendance": 1}


def test_a_row_committed_late_with_an_earlier_date_is_still_read(tiny_school):
    tiny_school.pull_and_accept()
    tiny_school.sql("insert into coach values ('C2', 'Dirk', 'Gent', '2026-01-02 07:59:00')")
    assert tiny_school.pull_and_accept()["office.coach"] == 1


def test_the_same_file_under_another_day_brings_no_row_twice(tiny_school):
    tiny_school.pull_and_accept()
    same = (tiny_school.home / "platform/attendance_2026-01-12.csv").read_bytes()
    tiny_school.write("platform/attendance_2026-01-14.csv", same)
    assert tiny_school.pull_and_accept()["platform.attendance"] == 0


def test_pulling_again_before_acceptance_brings_the_same_rows(tiny_school):
    first, second = tiny_school.pull(), tiny_school.pull()
    assert first.rows == second.rows
    assert tiny_school.landing.accept() == first.rows


def test_a_correction_is_a_later_version_of_the_same_key(tiny_school):
    tiny_school.write(
        "platform/attendance_2026-01-20.csv",
        "enrolment_no,session_date,mark,minutes,recorded_at\nE2,2026-01-12,present,180,2026-01-19T18:00:00Z\n",
    )
    tiny_school.pull_and_accept()
    tiny_school.sql(
        "insert into learner values ('L1', 'Aya', null, '1990-05-01', 5, 0, '2026-02-01 10:00:00')"
    )
    tiny_school.pull_and_accept()
    marks = [(row["mark"], row["_is_correction"]) for row in tiny_school.landed("platform.attendance")]
    assert marks == [("present", False), ("absent", False), ("present", True)]
    assert [row["_is_correction"] for row in tiny_school.landed("office.learner")] == [False, False, True]


def test_rows_of_a_table_without_key_are_all_kept_under_one_known_at(tiny_school):
    tiny_school.pull_and_accept()
    tiny_school.write("archive/clicks.csv", "student,day\n9,1\n9,1\n")
    tiny_school.pull_and_accept()
    rows = tiny_school.landed("archive.clicks")
    assert len(rows) == 5
    assert len({row["_known_at"] for row in rows}) == 2
    assert tiny_school.landing.landed_count("archive.clicks") == 2


def test_an_agreed_new_column_is_null_in_what_has_landed_before(tiny_school):
    tiny_school.pull_and_accept()
    declared = tiny_school.schools / "tiny" / "systems" / "platform.toml"
    other = tiny_school.schools / "tiny2"
    (tiny_school.schools / "tiny").rename(other)
    text = (
        (other / "systems" / declared.name)
        .read_text()
        .replace('minutes = "integer"', 'minutes = "integer"\nroom = "text"')
    )
    (other / "systems" / declared.name).write_text(text)
    tiny_school.write(
        "platform/attendance_2026-01-13.csv",
        "enrolment_no,session_date,mark,minutes,room,recorded_at\nE1,2026-01-12,late,170,B2,2026-01-13T18:00:00Z\n",
    )
    tiny_school.settings = tiny_school.settings.model_copy(update={"school": "tiny2"})
    from passerelle.sources import pull_school

    assert pull_school("tiny2", tiny_school.settings).rows["platform.attendance"] == 1
    waiting = tiny_school.landing.waiting()["platform.attendance"].to_pylist()
    assert [(row["room"], row["_is_correction"]) for row in waiting] == [("B2", True)]


def test_progress_ends_with_all_tables(tiny_school):
    from passerelle.sources import pull_school

    told = []
    pull_school("tiny", tiny_school.settings, progress=lambda text, done, total: told.append((done, total)))
    assert told[-1] == (6, 6)
    assert told == sorted(told)


def test_dlt_leaves_nothing_behind_and_tells_nobody(tiny_school, monkeypatch):
    monkeypatch.setenv("HOME", str(tiny_school.home / "nobody"))
    tiny_school.pull_and_accept()
    assert not (tiny_school.home / "nobody").exists()
    assert list(tiny_school.landing.incoming_folder.iterdir()) == []


def test_dlt_sets_no_telemetry_up_and_asks_airflow_nothing(tiny_school):
    script = (
        "import sys; from passerelle.settings import Settings; from passerelle.sources import pull_school;"
        "from dlt.common.runtime import anon_tracker;"
        "pull_school('tiny', Settings(school='tiny'));"
        "print(anon_tracker._ANON_TRACKER_ENDPOINT, 'airflow' in sys.modules)"
    )
    environment = {**os.environ, "PASSERELLE_HOME": str(tiny_school.home)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "None False"
