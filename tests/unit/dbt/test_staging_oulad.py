"""OULAD: day numbers become dates, and registration, unregistration and result become changes of status."""

from __future__ import annotations

import datetime as dt

import pytest

START = dt.date(2014, 10, 6)
END = START + dt.timedelta(days=269)


def _day(number: int) -> dt.date:
    return START + dt.timedelta(days=number)


@pytest.mark.parametrize(
    ("learner", "changes"),
    [
        ("stays", [("enrolled", _day(-10)), ("started", START), ("completed", END)]),
        ("late", [("enrolled", _day(5)), ("started", _day(5)), ("completed", END)]),
        ("fails", [("enrolled", _day(-10)), ("started", START), ("failed", END)]),
        ("leaves", [("enrolled", _day(-10)), ("started", START), ("dropped_out", _day(30))]),
        ("never", [("enrolled", _day(-4)), ("dropped_out", _day(-4))]),
        ("undated", [("enrolled", _day(-10)), ("started", START), ("dropped_out", END)]),
    ],
)
def test_status_follows_registration_unregistration_and_result(query, learner, changes):
    found = query(f"""
        select status, effective_date, known_at from conformed.enrolment_status_changes
        where enrolment_id = 'AAA-2014J-lrn_{learner}' order by status_change_id
    """)
    assert found == [(status, day, dt.datetime.combine(day, dt.time())) for status, day in changes]


def test_a_cohort_is_a_module_presentation_delivered_twice_and_kept_once(query):
    cohorts = query(
        "select * exclude (known_at, region) from conformed.cohorts where cohort_id = 'AAA-2014J'"
    )
    assert cohorts == [("AAA-2014J", "AAA", "AAA", None, START, END, None)]


def test_an_examination_without_a_day_is_due_at_the_end(query):
    due = query(
        "select assessment_id, due_date from conformed.assessments where cohort_id = 'AAA-2014J' order by 1"
    )
    assert due == [("1", _day(19)), ("2", END)]


def test_a_banked_result_is_left_out_and_a_missing_score_is_null(query):
    results = query("""
        select enrolment_id, submitted_date, due_date, score_pct from conformed.assessment_results
        where assessment_id = '1' order by 1
    """)
    assert results == [
        ("AAA-2014J-lrn_late", _day(18), _day(19), None),
        ("AAA-2014J-lrn_stays", _day(18), _day(19), 78.0),
    ]


def test_activity_is_the_day_s_sum_of_the_newest_delivery_known_after_the_declared_lag(query):
    days = query("""
        select activity_date, action_count, known_at from conformed.activity_days
        where enrolment_id = 'AAA-2014J-lrn_stays' order by 1
    """)
    assert days == [
        (_day(-3), 9, dt.datetime(2014, 10, 4)),
        (_day(2), 4, dt.datetime(2014, 10, 9)),
    ]


def test_truth_values_of_both_encodings_are_read(query):
    answers = query("""
        select learner_id, has_disability from conformed.learners where age_band = '0-35' order by 1
    """)
    assert answers == [
        ("lrn_fails", True),
        ("lrn_late", True),
        ("lrn_leaves", False),
        ("lrn_never", False),
        ("lrn_stays", True),
        ("lrn_undated", None),
    ]


def test_the_level_of_education_is_translated(query):
    levels = query("select distinct education_isced from conformed.learners where learner_id = 'lrn_stays'")
    assert levels == [(0,)]
