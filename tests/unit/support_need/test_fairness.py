"""The audit on made-up lists: what fairlearn finds, what was planted, and what nobody can tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame, false_negative_rate, false_positive_rate, selection_rate
from statsmodels.stats.multitest import multipletests

from support_need import fairness
from support_need.fairness import AUDIT_COLUMNS, CANNOT_TELL, DIFFERS, EQUAL, VIOLATION, audit, violations

SHARE = 0.25


def make_judged(*, count: int = 1200, bias: float = 0.0, seed: int = 5) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Learners of thirty to a class; ``bias`` is added to the logit of women without any reason in the outcome."""
    random = np.random.default_rng(seed)
    woman = random.random(count) < 0.45
    risk = random.normal(size=count)
    is_bad = random.random(count) < 1 / (1 + np.exp(1.1 - 1.2 * risk))
    probability = 1 / (1 + np.exp(1.1 - 1.2 * risk - bias * woman))
    names = [f"enr_{number:04d}" for number in range(count)]
    judged = pd.DataFrame(
        {
            "enrolment_id": names,
            "cohort_id": np.arange(count) // 30,
            "day": 28,
            "is_bad": is_bad.astype(float),
            "probability": probability,
            "places": SHARE,
        }
    )
    groups = pd.DataFrame(
        {
            "gender": np.where(woman, "woman", "man"),
            "age_band": random.choice(["<25", "25-34", "35+"], count),
            "campus": np.where(woman, "north", "south"),
        },
        index=names,
    )
    return judged, groups


def rows(table: pd.DataFrame, attribute: str, measure: str) -> pd.DataFrame:
    chosen = table[(table["attribute"] == attribute) & (table["measure"] == measure)]
    assert len(chosen)
    return chosen.set_index("group")


def test_rates_by_group_are_those_of_fairlearn():
    judged, groups = make_judged()
    table = audit(judged, groups)
    listed = fairness._listed(judged)["is_listed"]
    theirs = MetricFrame(
        metrics={
            "false_negative_rate": false_negative_rate,
            "false_positive_rate": false_positive_rate,
            "flagged_share": selection_rate,
        },
        y_true=judged["is_bad"].astype(int),
        y_pred=listed.astype(int),
        sensitive_features=groups["gender"].to_numpy(),
    ).by_group
    for measure in theirs.columns:
        ours = rows(table, "gender", measure)["value"]
        assert ours.to_numpy() == pytest.approx(theirs[measure].reindex(ours.index).to_numpy())


def test_as_many_are_listed_as_the_coaches_have_hours_for():
    judged, _ = make_judged()
    listed = fairness._listed(judged).groupby("cohort_id")["is_listed"].sum()
    assert (listed == np.ceil(SHARE * 30)).all()


def test_a_planted_bias_against_women_is_found_as_a_violation_and_said():
    table = audit(*make_judged(bias=1.2))
    wrongly = rows(table, "gender", "false_positive_rate")
    assert wrongly.loc["woman", "verdict"] == VIOLATION
    assert wrongly.loc["woman", "ratio_low"] > 1.5
    assert any("false_positive_rate of gender woman" in sentence for sentence in violations(table))
    assert rows(table, "gender", "calibration_gap").loc["woman", "value"] < -0.1


def test_the_same_difference_between_campuses_is_shown_and_blocks_nothing():
    table = audit(*make_judged(bias=1.2))
    assert rows(table, "campus", "false_positive_rate").loc["north", "verdict"] == DIFFERS
    assert not any("campus" in sentence for sentence in violations(table))


@pytest.mark.parametrize("seed", range(8))
def test_where_nothing_was_planted_nothing_is_found(seed):
    table = audit(*make_judged(seed=seed))
    assert violations(table) == []
    assert not (table["verdict"] == DIFFERS).any()


def test_many_alike_are_equal_and_few_cannot_be_told():
    many = audit(*make_judged(count=6000))
    assert set(rows(many, "gender", "false_positive_rate")["verdict"]) == {EQUAL}
    few = audit(*make_judged(count=120))
    assert set(rows(few, "gender", "false_negative_rate")["verdict"]) == {CANNOT_TELL}


def test_a_small_group_is_counted_and_never_judged():
    judged, groups = make_judged(bias=3.0)
    groups["gender"] = np.where(np.arange(len(groups)) < 15, "woman", "man")
    table = audit(judged, groups)
    assert set(rows(table, "gender", "false_positive_rate").loc[["woman"], "verdict"]) == {CANNOT_TELL}


def test_what_is_unknown_is_a_group_of_its_own():
    judged, groups = make_judged()
    groups["gender"] = groups["gender"].where(np.arange(len(groups)) % 3 > 0)
    assert "unknown" in rows(audit(judged, groups), "gender", "false_negative_rate").index


def test_a_learner_judged_on_several_days_counts_once():
    judged, groups = make_judged()
    twice = pd.concat([judged, judged.assign(day=56, probability=0.5)], ignore_index=True)
    pd.testing.assert_frame_equal(audit(twice, groups), audit(judged, groups))


def test_the_correction_for_many_questions_is_holms():
    p = pd.Series([0.01, 0.2, 0.03, 0.5], index=list("abcd"))
    assert fairness._holm(p).tolist() == pytest.approx(multipletests(p, method="holm")[1].tolist())


def test_nobody_judged_gives_an_empty_table():
    judged, groups = make_judged()
    table = audit(judged.head(0), groups.iloc[:, :0])
    assert table.empty
    assert tuple(table.columns) == AUDIT_COLUMNS
    assert violations(table) == []


def test_equals_are_listed_by_lot_not_by_who_has_the_lower_number():
    judged, groups = make_judged()
    first_numbers = np.arange(len(judged)) % 30 < 15
    table = audit(
        judged.assign(probability=0.3),
        groups.assign(gender=np.where(first_numbers, "first numbers", "last numbers")),
    )
    flagged = rows(table, "gender", "flagged_share")["value"]
    assert flagged.sum() == pytest.approx(2 * 8 / 30), "a quarter of thirty, rounded"
    assert flagged.max() < 0.35
    assert violations(table) == []
