"""The weekly watch: quiet where nothing drifts, heard where something does, and honest about how long it takes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from habit_school import make_school
from support_need.evaluate import labelled_cases
from support_need.pipeline import FittedTarget, fit, prepare
from support_need.spec import LOGISTIC, SHOCK_SCALE
from support_need.watch import SHIFT, cusum, flag_check, input_checks, outcome_check


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return prepare(make_school(cohorts=10, learners=40)[0])


@pytest.fixture(scope="module")
def fitted(rows: pd.DataFrame) -> FittedTarget:
    _, targets = make_school(cohorts=10, learners=40)
    return fit(LOGISTIC, labelled_cases(rows, targets, target="completes")[0])


def split(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The last cohort's fifth week, and everything of the cohorts before it."""
    newest = rows["cohort_id"].astype(str) == rows["cohort_id"].astype(str).max()
    return rows[newest & (rows["week_of_training"] == 5)], rows[~newest]


def alarms(table: pd.DataFrame) -> set[tuple[str, str]]:
    told = table[table["is_alarm"]]
    return set(zip(told["check"], told["subject"], strict=True))


def test_inputs_that_look_like_the_past_are_quiet(fitted: FittedTarget, rows: pd.DataFrame) -> None:
    checks = input_checks(fitted, *split(rows))
    assert {"absence_recent", "activity_recent", "work_missing"} <= set(checks["subject"])
    assert alarms(checks) == set()


def test_an_input_that_went_missing_or_changed_its_unit_is_named(
    fitted: FittedTarget, rows: pd.DataFrame
) -> None:
    now, past = split(rows)
    silent = now.assign(absence_recent=np.nan)
    assert alarms(input_checks(fitted, silent, past)) == {("missing", "absence_recent")}
    other_unit = now.assign(activity_recent=100 * now["activity_recent"])
    assert alarms(input_checks(fitted, other_unit, past)) == {("outside", "activity_recent")}


def test_one_odd_learner_is_no_alarm(fitted: FittedTarget, rows: pd.DataFrame) -> None:
    now, past = split(rows)
    odd = now.assign(activity_recent=[99.0, *now["activity_recent"].iloc[1:]])
    assert ("missing", "activity_recent") not in alarms(input_checks(fitted, odd, past))
    (row,) = (
        input_checks(fitted, odd, past)
        .query("check == 'outside' and subject == 'activity_recent'")
        .itertuples()
    )
    assert row.value == 1


def test_a_whole_class_outside_by_a_hair_is_no_alarm(fitted: FittedTarget, rows: pd.DataFrame) -> None:
    now, past = split(rows)
    lowest, spread = past["activity_recent"].min(), past["activity_recent"].std()
    by_a_hair = now.assign(activity_recent=lowest - 0.01 * spread)
    assert ("outside", "activity_recent") not in alarms(input_checks(fitted, by_a_hair, past))
    by_far = now.assign(activity_recent=lowest - 2 * spread)
    assert ("outside", "activity_recent") in alarms(input_checks(fitted, by_far, past))


def test_scores_are_held_against_the_same_stage_of_training(fitted: FittedTarget, rows: pd.DataFrame) -> None:
    """Early weeks all score below late ones, and that is no news."""
    first, second = (fitted.stages[stage] for stage in (0, 1))
    steps = FittedTarget(fitted.candidate, {0: first.moved(-4.0), 1: second.moved(4.0)})
    late = rows["cohort_id"].astype(str) >= "coh_05"
    week = rows["week_of_training"]
    past = rows[~late]
    for chosen in (late & (week == 2), late & (week == 5)):
        (row,) = flag_check(steps, rows[chosen], past).itertuples()
        assert row.learners_count == 200
        assert not row.is_alarm


def test_one_large_class_tells_less_than_many_small_ones(fitted: FittedTarget, rows: pd.DataFrame) -> None:
    now, past = rows[rows["week_of_training"] == 5], rows[rows["week_of_training"] < 5]
    (many,) = flag_check(fitted, now, past).itertuples()
    (one,) = flag_check(fitted, now.assign(cohort_id="all"), past).itertuples()
    assert one.value == many.value
    assert one.high - one.low > 1.2 * (many.high - many.low)


def test_the_share_of_high_scores_is_tested_exactly(fitted: FittedTarget, rows: pd.DataFrame) -> None:
    now, past = split(rows)
    (quiet,) = flag_check(fitted, now, past).itertuples()
    assert not quiet.is_alarm
    assert quiet.low <= quiet.value <= quiet.high
    worst = past.iloc[np.argsort(-fitted.probability(past))[: len(now)]]
    (loud,) = flag_check(fitted, worst, past).itertuples()
    assert loud.is_alarm
    assert loud.value > loud.high


def test_without_a_past_nothing_is_claimed(fitted: FittedTarget, rows: pd.DataFrame) -> None:
    now, past = split(rows)
    assert input_checks(fitted, now, past.iloc[:0]).empty
    assert flag_check(fitted, now, past.iloc[:0]).empty
    assert outcome_check(pd.DataFrame(columns=["cohort_id", "is_bad", "probability"])).empty


def history(seed: int, *, drift: float, cohorts: int = 12, learners: int = 25) -> pd.DataFrame:
    """Matured outcomes of a year: the model is right but for ``drift`` and the shock of each cohort."""
    random = np.random.default_rng(seed)
    cohort = np.repeat(np.arange(cohorts), learners)
    probability = random.beta(2, 5, len(cohort))
    chance = expit(logit(probability) + random.normal(0, SHOCK_SCALE, cohorts)[cohort]) + drift
    return pd.DataFrame(
        {
            "cohort_id": cohort,
            "probability": probability,
            "is_bad": (random.random(len(cohort)) < chance).astype(float),
        }
    )


def told(drift: float, histories: int = 40) -> float:
    return float(
        np.mean([outcome_check(history(seed, drift=drift))["is_alarm"].any() for seed in range(histories)])
    )


def test_the_cusum_is_quiet_without_drift_and_hears_a_shift_either_way() -> None:
    assert told(0.0) <= 0.15  # one in twenty is meant: 7 or more of 40 would be
    assert told(SHIFT) >= 0.8
    assert told(-SHIFT) >= 0.8


def test_the_direction_of_the_drift_is_told() -> None:
    checks = outcome_check(history(3, drift=0.2)).set_index("subject")
    assert checks["is_alarm"].to_dict() == {"more": True, "fewer": False}


def test_the_time_to_detect_is_that_of_histories_nobody_simulated_for_the_limit() -> None:
    """Half of fresh histories with the shift are told before the stated number of outcomes, give or take."""
    stated, seen = [], []
    for seed in range(60):
        shifted = history(seed, drift=SHIFT, cohorts=20)
        (row,) = outcome_check(shifted).query("subject == 'more'").itertuples()
        walk = cusum((shifted["is_bad"] - shifted["probability"]).to_numpy()[None, :])[0]
        stated.append(row.detects_after_count)
        seen.append(walk.argmax() if not (walk > row.high).any() else (walk > row.high).argmax() + 1)
    assert 0.6 < np.median(seen) / np.median(stated) < 1.6


def test_the_worked_example() -> None:
    surprise = np.array([[0.7, -0.3, 0.7]])
    assert cusum(surprise)[0] == pytest.approx([0.65, 0.30, 0.95])


def stability_index(reference: np.ndarray, week: np.ndarray, *, bins: int = 5) -> float:
    """The population stability index, as it is commonly computed: a half is added to each bin."""
    edges = np.quantile(reference, np.linspace(0, 1, bins + 1)[1:-1])
    one, other = (
        (np.bincount(np.searchsorted(edges, values), minlength=bins) + 0.5) / (len(values) + 0.5 * bins)
        for values in (reference, week)
    )
    return float(np.sum((other - one) * np.log(other / one)))


def test_a_stability_index_would_cry_wolf_at_the_size_of_a_school() -> None:
    random = np.random.default_rng(1)
    found = np.array([stability_index(random.random(200), random.random(60)) for _ in range(500)])
    assert np.mean(found > 0.1) > 0.2
