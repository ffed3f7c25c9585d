from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from habit_school import School, make_school
from support_need.backtest import backtest
from support_need.choose import NOT_BETTER, TOO_FEW_FOR_A_MODEL, choose
from support_need.evaluate import calibration_error, figures
from support_need.spec import BOOSTING, CANDIDATES, ENVIRONMENT, LOGISTIC, PLAIN_RULE, SMALL

CHOICES = {
    "days": (28, 56),
    "test_cohorts_started_from": dt.date(2020, 12, 1),
    "as_of": dt.date(2022, 1, 3),
    "capacity": 8,
}


@pytest.fixture(scope="module")
def school() -> School:
    """Learners enough for a small model to compete, and not for a large one."""
    return make_school(learners=100)


@pytest.fixture(scope="module")
def result(school) -> dict:
    return backtest(*school, **CHOICES, min_mature_enrolments=80)


def test_the_backtest_has_the_promised_shape(result):
    assert result["shipped"] in CANDIDATES
    assert set(result["candidates"]) == set(CANDIDATES)
    assert [row["day"] for row in result["days"]] == [28, 56]
    promised = {"day", "n_test", "auc", "ap", "brier", "ece", "precision_at_20pct", "recall_at_20pct"}
    assert promised <= set(result["days"][0])
    assert result["days"] == result["candidates"][result["shipped"]]


def test_only_candidates_with_learners_enough_compete(result):
    may = {row["candidate"]: row["may_compete"] for row in result["competitors"]}
    assert may == {PLAIN_RULE: True, ENVIRONMENT: True, SMALL: True, LOGISTIC: False, BOOSTING: False}
    assert {row["learners_found"] for row in result["competitors"]} == {600}


def test_the_backtest_tells_of_lists_as_long_as_the_coaches_have_hours_for(result):
    rows = {(row["candidate"], row["day"]): row for row in result["at_capacity"]}
    ours, rule = rows[SMALL, 28], rows[PLAIN_RULE, 28]
    assert ours["listed_share"] == pytest.approx(8 / 100)
    assert ours["intervals"]["precision"][0] <= ours["precision"] <= ours["intervals"]["precision"][1]
    assert ours["precision"] > rule["precision"]
    by_times = {row["times"]: row for row in result["capacity_curve"] if row["day"] == 28}
    assert by_times[0.5]["recall"] < by_times[1.0]["recall"] == ours["recall"] < by_times[2.0]["recall"]
    assert [row["day"] for row in result["week_to_week"]] == [28, 56]
    assert all(row["by_lot"] < row["kept_share"] < 1 for row in result["week_to_week"])


def test_the_test_cohorts_are_those_that_started_later(result):
    assert [row["n_test"] for row in result["days"]] == [200, 200]


def test_a_model_finds_habits_that_matter(result):
    assert result["shipped"] == SMALL
    assert all(row["auc"] > 0.7 for row in result["candidates"][LOGISTIC])


def test_the_shipped_candidate_is_chosen_without_the_test_cohorts(school, result):
    panel, targets = school
    later = targets["enrolment_id"].str.startswith("enr_07")
    flipped = targets.assign(is_positive=targets["is_positive"] ^ later)
    last = CHOICES | {"days": (28,), "test_cohorts_started_from": dt.date(2021, 6, 1)}
    before, after = (
        backtest(panel, labels, **last, min_mature_enrolments=80) for labels in (targets, flipped)
    )
    assert after["shipped"] == before["shipped"] == result["shipped"]
    assert after["days"][0]["auc"] == pytest.approx(1 - before["days"][0]["auc"])


def test_before_the_test_its_cohorts_stay_closed(school):
    panel, targets = school
    later = targets["enrolment_id"].str.startswith("enr_07")
    flipped = targets.assign(is_positive=targets["is_positive"] ^ later)
    last = CHOICES | {"days": (28,), "test_cohorts_started_from": dt.date(2021, 6, 1)}
    before, after = (
        backtest(
            panel,
            labels,
            **last,
            min_mature_enrolments=80,
            before_test=True,
            without=("work_missing", "absence_recent"),
        )
        for labels in (targets, flipped)
    )
    assert before == after
    assert before["days"][0]["n_test"] > 40
    assert before["logistic_less_without"][0]["auc"][0] > 0


def test_every_figure_lies_in_its_interval_and_every_candidate_is_compared_in_pairs(result):
    for row in result["days"]:
        for name, (low, high) in row["intervals"].items():
            assert low - 1e-9 <= row[name] <= high + 1e-9, name
    assert set(result["shipped_less_candidate"]) == set(CANDIDATES) - {result["shipped"]}


def test_the_future_of_the_panel_changes_no_judgement(school, result):
    panel, targets = school
    later = panel["week_of_training"] > 8
    counts = ["handed_in_count", "handed_in_of_due_count", "attended_half_days_count_4w", "score_pct_sum"]
    counts += ["score_pct_weeks_beside_peers_sum", "lead_days_beside_peers_sum"]
    garbage = panel.assign(**{name: panel[name].mask(later, 0) for name in counts})
    again = backtest(garbage, targets, **CHOICES | {"days": (28,)}, min_mature_enrolments=80)
    assert again["candidates"][LOGISTIC][0] == result["candidates"][LOGISTIC][0]


def test_where_nothing_says_anything_the_plain_rule_ranks():
    noise = make_school(signal=0.0, seed=3)
    assert backtest(*noise, **CHOICES, min_mature_enrolments=80)["shipped"] == PLAIN_RULE


def test_known_figures():
    is_bad, probability = np.array([1.0, 0, 1, 0, 0]), np.array([0.9, 0.8, 0.3, 0.2, 0.1])
    row = figures(28, is_bad, probability)
    assert (row["n_test"], row["base_rate"]) == (5, 0.4)
    assert row["auc"] == pytest.approx(5 / 6)
    assert (row["precision_at_20pct"], row["recall_at_20pct"]) == (1.0, 0.5)
    assert row["brier"] == pytest.approx((0.01 + 0.64 + 0.49 + 0.04 + 0.01) / 5)


def test_ties_at_the_edge_of_the_list_count_by_their_share():
    row = figures(28, np.repeat([1.0, 0.0], [5, 5]), np.full(10, 0.5))
    assert (row["precision_at_20pct"], row["recall_at_20pct"]) == (0.5, 0.2)


def test_one_outcome_only_gives_no_figures():
    row = figures(28, np.zeros(4), np.full(4, 0.2))
    assert row["n_test"] == 4
    assert row["auc"] is None


def test_calibration_error_is_the_distance_of_a_constant():
    assert calibration_error(np.tile([1.0, 0, 0, 0], 50), np.full(200, 0.4)) == pytest.approx(0.15, abs=0.05)


def predictions(**probability: np.ndarray) -> pd.DataFrame:
    random = np.random.default_rng(0)
    is_bad = (random.random(800) < 0.3).astype(float)
    base = pd.DataFrame(
        {"cohort_id": np.repeat([f"c{n}" for n in range(8)], 100), "day": 28, "is_bad": is_bad, "places": 0.2}
    )
    vague = {name: np.full(800, 0.3) for name in CANDIDATES}
    return base.assign(**vague | {name: make(is_bad) for name, make in probability.items()})


def sharp(is_bad: np.ndarray) -> np.ndarray:
    return 0.15 + 0.4 * is_bad


def test_the_simplest_model_within_noise_of_the_best_ships():
    def sharper(is_bad: np.ndarray) -> np.ndarray:
        return sharp(is_bad) + np.where(np.arange(800) < 100, 0.05, -0.007) * is_bad

    def much_sharper(is_bad: np.ndarray) -> np.ndarray:
        return 0.05 + 0.85 * is_bad

    assert choose(predictions(**{LOGISTIC: sharp, BOOSTING: sharper}))[0] == LOGISTIC
    assert choose(predictions(**{LOGISTIC: sharp, BOOSTING: much_sharper}))[0] == BOOSTING


def test_a_model_that_a_baseline_matches_does_not_ship():
    assert choose(predictions(**{LOGISTIC: sharp, ENVIRONMENT: sharp})) == (PLAIN_RULE, NOT_BETTER)
    assert choose(predictions(**{LOGISTIC: sharp, PLAIN_RULE: sharp})) == (PLAIN_RULE, NOT_BETTER)


def test_a_model_whose_lists_are_no_better_than_the_rule_s_does_not_ship():
    def calibrated(is_bad: np.ndarray) -> np.ndarray:
        """Sharp among those who would never be listed, and blind at the top."""
        return np.where(np.arange(800) % 4 == 0, 0.6, np.where(is_bad == 1, 0.3, 0.1))

    def rule(is_bad: np.ndarray) -> np.ndarray:
        return np.where((np.arange(800) % 100 < 20) & (is_bad == 1), 0.31, 0.3)

    rows = predictions(**{LOGISTIC: calibrated, PLAIN_RULE: rule})
    assert choose(rows) == (PLAIN_RULE, NOT_BETTER)
    assert choose(rows.assign(places=1.0)) == (PLAIN_RULE, NOT_BETTER)


def test_a_model_without_learners_enough_does_not_ship_however_good_it_looks():
    rows = predictions(**{LOGISTIC: sharp})
    assert choose(rows, among=(PLAIN_RULE, ENVIRONMENT, LOGISTIC))[0] == LOGISTIC
    assert choose(rows, among=(PLAIN_RULE, ENVIRONMENT)) == (PLAIN_RULE, TOO_FEW_FOR_A_MODEL)
