"""Did the list help: known effects are found, none is invented, and too few learners give no answer."""

import doctest

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from support_need import effect
from support_need.effect import BANDWIDTH, effect_at_the_cut, effect_of_the_lottery, learners_needed


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


def draws(*, count: int, effect_share: float, seed: int = 0) -> pd.DataFrame:
    """Bands of three to five learners for two or three places: where need is greater, so is the chance of a place."""
    random = np.random.default_rng(seed)
    band = random.integers(3, 6, count // 4)
    places = random.integers(2, np.minimum(band, 4))
    need = 0.8 * places / band
    lists = np.repeat(np.arange(len(band)), band)
    order = np.argsort(random.random(len(lists)) + lists)
    place = np.arange(len(lists)) - np.repeat(np.cumsum(band) - band, band)
    is_listed = np.empty(len(lists), dtype=bool)
    is_listed[order] = place < np.repeat(places, band)
    share = 0.9 - need[lists] + effect_share * is_listed
    return pd.DataFrame(
        {
            "enrolment_id": [f"E{number}" for number in range(len(lists))],
            "list_date": pd.Timestamp("2026-01-05") + pd.to_timedelta(7 * (lists // 10), unit="D"),
            "list_owner_id": [f"c{number % 10}" for number in lists],
            "listed_probability": (places / band)[lists],
            "is_listed": is_listed,
            "is_positive": pd.array(random.random(len(lists)) < share, dtype="boolean"),
        }
    )


def plain_difference(drawn: pd.DataFrame) -> float:
    shares = drawn.groupby("is_listed")["is_positive"].mean()
    return float(shares[True] - shares[False])


@pytest.mark.parametrize("effect_share", [0.15, 0.0, -0.15])
def test_a_lottery_finds_the_effect_where_a_plain_comparison_is_wrong(effect_share: float) -> None:
    found = [
        effect_of_the_lottery(draws(count=2_000, effect_share=effect_share, seed=each)) for each in range(100)
    ]
    plain = [
        plain_difference(draws(count=2_000, effect_share=effect_share, seed=each)) for each in range(100)
    ]
    assert np.mean([each.difference for each in found]) == pytest.approx(effect_share, abs=0.01)
    assert np.mean(plain) < effect_share - 0.02
    covered = sum(each.low <= effect_share <= each.high for each in found)
    assert 88 <= covered <= 100


def test_a_draw_that_could_not_go_both_ways_does_not_count() -> None:
    drawn = draws(count=2_000, effect_share=0.1)
    sure = drawn.assign(listed_probability=1.0, enrolment_id="sure " + drawn["enrolment_id"])
    assert effect_of_the_lottery(pd.concat([drawn, sure])) == effect_of_the_lottery(drawn)


def test_a_short_lottery_says_that_it_cannot_tell_and_needs_fewer_than_a_cut() -> None:
    found = effect_of_the_lottery(draws(count=40, effect_share=0.5))
    assert (found.verdict, found.difference) == ("cannot_tell_yet", None)
    assert 500 < found.needed_count < learners_needed(baseline=found.baseline, difference=0.1)


def test_the_worked_example_holds() -> None:
    assert doctest.testmod(effect).failed == 0
