from __future__ import annotations

import pandas as pd

from support_need import rule

ROW = {
    "cohort_id": "c",
    "as_of_date": pd.Timestamp("2020-01-06"),
    "is_active": True,
    "planned_half_days_count_4w": 40.0,
    "attended_half_days_count_4w": 40.0,
    "due_count": 2.0,
    "handed_in_of_due_count": 2.0,
    "late_hand_in_count": 0.0,
    "scored_count": 2.0,
    "score_pct_sum": 140.0,
}


def points(**changes: float | None) -> float:
    return float(rule.apply(pd.DataFrame([ROW | changes]))[rule.RULE_POINTS].iloc[0])


def test_a_learner_who_does_all_that_was_asked_has_no_points():
    assert points() == 0


def test_missed_weighs_more_than_low_and_low_more_than_late():
    assert points(handed_in_of_due_count=1) > points(score_pct_sum=90) > points(late_hand_in_count=1) > 0


def test_absence_counts_from_the_caution_mark_and_weighs_from_the_failure_mark():
    assert points(attended_half_days_count_4w=38) == 0
    assert points(attended_half_days_count_4w=37) == 1
    assert points(attended_half_days_count_4w=35) == 5


def test_every_condition_together_gives_the_most_points():
    worst = {
        "handed_in_of_due_count": 0,
        "attended_half_days_count_4w": 0,
        "score_pct_sum": 10,
        "late_hand_in_count": 1,
    }
    assert points(**worst) == rule.MOST_POINTS


def test_unknown_gives_no_points_and_the_rule_says_that_it_is_blind():
    unknown = {name: None for name in ROW if name not in ("cohort_id", "as_of_date", "is_active")}
    applied = rule.apply(pd.DataFrame([ROW | unknown]).astype(dict.fromkeys(unknown, float)))
    assert applied[rule.RULE_POINTS].tolist() == [0]
    assert applied[rule.RULE_IS_BLIND].tolist() == [True]
    assert not rule.apply(pd.DataFrame([ROW]))[rule.RULE_IS_BLIND].any()
