"""Employment services and surveys: three dialects and a questionnaire become the same dated events."""

from __future__ import annotations

import datetime as dt

MAY_4 = dt.date(2026, 5, 4)
LATEST = """
    select event_type, event_date, contract_type, subsidised_scheme, hours_pct, employer_is_partner
    from conformed.outcome_events
    where learner_id = '{}'
    qualify row_number() over (partition by outcome_event_id order by known_at desc) = 1
    order by outcome_event_id
"""


def test_an_end_that_a_later_version_withdrew_has_no_date_any_more(query):
    assert query(LATEST.format("lrn_a")) == [
        ("job_end", None, "permanent", "none", 80, True),
        ("job_start", MAY_4, "permanent", "none", 80, True),
    ]


def test_an_end_is_seen_from_the_version_that_brought_it(query):
    ends = query("""
        select known_at, event_date from conformed.outcome_events
        where learner_id = 'lrn_a' and event_type = 'job_end' order by 1
    """)
    assert ends == [
        (dt.datetime(2026, 7, 1, 2), dt.date(2026, 7, 31)),
        (dt.datetime(2026, 8, 1, 2), None),
    ]


def test_subsidised_training_in_a_company_is_flagged_in_both_languages(query):
    assert query(LATEST.format("lrn_b")) == [("job_start", MAY_4, "subsidised", "IBO", 100, False)]
    assert query(LATEST.format("lrn_e")) == [
        ("job_end", dt.date(2026, 8, 4), "subsidised", "PFI", None, True),
        ("job_start", MAY_4, "subsidised", "PFI", None, True),
    ]


def test_self_employment_is_its_own_kind_of_event(query):
    assert query(LATEST.format("lrn_c")) == [("self_employed", MAY_4, "self_employed", "none", None, None)]


def test_french_labels_become_the_contract_s_codes(query):
    assert query(LATEST.format("lrn_d")) == [("job_start", MAY_4, "agency", "none", 50, False)]


def test_an_exit_to_training_is_no_job_and_never_ends_one(query):
    assert query(LATEST.format("lrn_f")) == [("further_training", MAY_4, None, None, None, None)]


def test_bilingual_labels_become_the_contract_s_codes(query):
    assert query(LATEST.format("lrn_g")) == [("job_start", MAY_4, "permanent", "none", None, True)]


def test_an_unanswered_survey_is_unreachable_until_the_answer_comes(query):
    versions = query("""
        select event_type, event_date, evidence_class from conformed.outcome_events
        where outcome_event_id = 'survey:E8:3' order by known_at
    """)
    assert versions == [
        ("unreachable", MAY_4, "self_report"),
        ("job_start", dt.date(2026, 4, 20), "self_report"),
    ]


def test_a_situation_without_work_is_an_event_of_the_day_of_the_answer(query):
    assert query(LATEST.format("lrn_i")) == [("seeking", dt.date(2026, 5, 9), None, None, None, None)]
