"""Did the list help: known effects are found, none is invented, and too few learners give no answer."""

import doctest

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from support_need import effect
from support_need.effect import BANDWIDTH, effect_at_the_cut, learners_needed


def lists(*, count: int, effect_share: float, seed: int = 0) -> pd.DataFrame:
    """Lists of a dozen learners around a cut; need lowers the share that finishes, the offer raises it."""
    random = np.random.default_rng(seed)
    distance = random.uniform(-0.2, 0.2, count)
    is_listed = distance > 0
    share = 0.6 - distance + effect_share * is_listed
    return pd.DataFrame(
        {
            "enrolment_id": [f"E{number}" for number in range(count)],
            "list_date": pd.Timestamp("2026-01-05")
            + pd.to_timedelta(7 * (np.arange(count) // 120), unit="D"),
            "list_owner_id": [f"c{number // 12 % 10}" for number in range(count)],
            "distance_to_cut": distance,
            "is_listed": is_listed,
            "is_positive": pd.array(random.random(count) < share, dtype="boolean"),
        }
    )


def test_an_effect_that_is_there_is_found_with_its_size() -> None:
    found = effect_at_the_cut(lists(count=6_000, effect_share=0.2))
    assert found.verdict == "better"
    assert found.low < 0.2 < found.high
    assert found.baseline == pytest.approx(0.6, abs=0.06)
    assert effect_at_the_cut(lists(count=6_000, effect_share=-0.2)).verdict == "worse"


def test_a_list_that_follows_the_cut_only_mostly_gives_the_same_effect_and_one_that_does_not_gives_none() -> (
    None
):
    random = np.random.default_rng(4)
    frame = lists(count=12_000, effect_share=0.0)
    strays = random.random(len(frame)) < 0.2
    listed = frame["is_listed"] ^ strays
    share = 0.6 - frame["distance_to_cut"] + 0.2 * listed
    frame = frame.assign(is_listed=listed, is_positive=random.random(len(frame)) < share)
    found = effect_at_the_cut(frame)
    assert found.verdict == "better"
    assert found.low < 0.2 < found.high
    tossed = frame.assign(is_listed=random.random(len(frame)) < 0.5)
    assert effect_at_the_cut(tossed).verdict == "cannot_tell_yet"


def test_no_effect_is_called_one_about_one_time_in_twenty_and_the_interval_covers() -> None:
    found = [effect_at_the_cut(lists(count=1_200, effect_share=0.0, seed=seed)) for seed in range(200)]
    wrong = sum(each.verdict != "no_difference_shown" for each in found)
    assert 2 <= wrong <= 22


def test_the_estimate_and_its_error_are_those_of_statsmodels() -> None:
    frame = lists(count=1_000, effect_share=0.1)
    near = frame[frame["distance_to_cut"].abs() < BANDWIDTH]
    above = near["distance_to_cut"] > 0
    design = np.column_stack(
        [np.ones(len(near)), above, near["distance_to_cut"], near["distance_to_cut"] * above]
    )
    groups = pd.factorize(near["list_date"].astype(str) + near["list_owner_id"])[0]
    outcome, weight = near["is_positive"].astype(float), 1 - near["distance_to_cut"].abs() / BANDWIDTH
    fitted = sm.WLS(outcome.to_numpy(), design.astype(float), weight).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
    )
    found = effect_at_the_cut(frame)
    assert found.difference == pytest.approx(fitted.params[1])
    assert (found.low, found.high) == pytest.approx(tuple(fitted.conf_int()[1]))


@pytest.mark.parametrize("count", [0, 1, 30])
def test_with_few_learners_it_says_that_it_cannot_tell_and_how_many_it_takes(count: int) -> None:
    found = effect_at_the_cut(lists(count=count, effect_share=0.5))
    assert found.verdict == "cannot_tell_yet"
    assert (found.difference, found.low, found.high) == (None, None, None)
    assert found.needed_count > 500


def test_outcomes_that_are_not_known_do_not_count() -> None:
    frame = lists(count=2_000, effect_share=0.0)
    assert effect_at_the_cut(frame.assign(is_positive=pd.NA)).offered_count == 0


def test_a_learner_counts_once_on_the_first_list_near_a_cut() -> None:
    once = lists(count=400, effect_share=0.1)
    again = once.assign(
        list_date=once["list_date"] + pd.Timedelta(days=70), distance_to_cut=-once["distance_to_cut"]
    )
    assert effect_at_the_cut(pd.concat([once, again])) == effect_at_the_cut(once)


@pytest.mark.parametrize(("difference", "per_arm"), [(0.10, 356), (0.15, 152), (0.20, 82)])
def test_the_numbers_needed_are_those_of_the_textbook_formula(difference: float, per_arm: int) -> None:
    assert learners_needed(baseline=0.6, difference=difference) == pytest.approx(2 * 2.8 * per_arm, abs=6)


def test_the_worked_example_holds() -> None:
    assert doctest.testmod(effect).failed == 0
