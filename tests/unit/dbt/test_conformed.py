"""The school contract: what every conformed model promises, whatever system feeds it."""

from __future__ import annotations

import datetime as dt


def test_only_what_was_known_before_the_monday_in_local_time_is_seen(query):
    assert query("select partner_id from conformed.partners") == [("the last second of Sunday",)]


def test_known_at_is_the_school_s_own_time_at_every_half_hour(query):
    checked, wrong = query("""
        select count(*), count(*) filter (
            known_at is distinct from timezone('Europe/Brussels', timezone('UTC', try_cast(title as timestamp)))
        )
        from conformed.trainings
        where try_cast(title as timestamp) is not null
    """)[0]
    assert checked > 200_000
    assert wrong == 0


def test_every_version_of_a_record_is_kept_once(query):
    versions = query(
        "select known_at, education_isced from conformed.learners where learner_id = 'lrn_a' order by 1"
    )
    assert versions == [(dt.datetime(2026, 1, 5, 9), 3), (dt.datetime(2026, 2, 2, 9), 4)]


def test_a_correction_of_a_heavy_fact_is_marked_and_later_facts_are_not_seen(query):
    marks = query("""
        select session_part, mark, is_correction from conformed.attendance where enrolment_id = 'E1' order by known_at
    """)
    assert marks == [("am", "absent", False), ("am", "excused", True)]


def test_rows_of_all_systems_that_feed_an_entity_are_there(query):
    sources = query("select distinct source from conformed.outcome_events order by 1")
    assert sources == [("actiris",), ("forem",), ("payslips",), ("survey",), ("vdab",)]


def test_an_entity_without_a_system_is_empty_and_typed(query):
    types = query("""
        select column_name, data_type from information_schema.columns
        where table_schema = 'conformed' and table_name = 'support_actions' and data_type <> 'VARCHAR' order by 1
    """)
    assert types == [
        ("action_date", "DATE"),
        ("follow_up_date", "DATE"),
        ("known_at", "TIMESTAMP"),
        ("list_date", "DATE"),
    ]
    assert query("select count(*) from conformed.support_actions") == [(0,)]


def test_only_the_heavy_facts_are_views(query):
    views = query("select view_name from duckdb_views() where schema_name = 'conformed' order by 1")
    tables = query("select count(*) from duckdb_tables() where schema_name = 'conformed'")
    assert views == [("activity_days",), ("assessment_results",), ("attendance",)]
    assert tables == [(13,)]
