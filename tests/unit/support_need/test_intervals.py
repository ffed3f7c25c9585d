import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from support_need.intervals import exact_interval, mean_interval, newcombe_interval, ratio_interval


@pytest.mark.parametrize(("successes", "number"), [(0, 7), (7, 7), (8, 10), (33, 200)])
def test_the_exact_interval_is_that_of_statsmodels(successes, number):
    theirs = proportion_confint(successes, number, alpha=0.05, method="beta")
    assert exact_interval(successes, number) == pytest.approx(theirs)


def test_nobody_tells_nothing():
    assert exact_interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("groups", [2, 5, 40])
def test_the_interval_of_a_mean_over_groups_is_that_of_statsmodels(groups):
    random = np.random.default_rng(groups)
    group = np.concatenate([np.arange(groups), random.integers(0, groups, 60)])
    values = random.normal(size=len(group)) + random.normal(size=groups)[group]
    fitted = sm.OLS(values, np.ones(len(values))).fit(
        cov_type="cluster", cov_kwds={"groups": group}, use_t=True
    )
    assert mean_interval(values, group) == pytest.approx(fitted.conf_int()[0].tolist())


def test_one_group_tells_nothing_of_how_far_groups_lie_apart():
    assert mean_interval(np.array([0.1, 0.2]), np.array(["2024", "2024"])) is None


PAIRS = [(14, 40, 9, 60), (3, 25, 30, 90), (20, 21, 10, 30)]


@pytest.mark.parametrize("pair", PAIRS)
def test_the_interval_of_a_difference_is_that_of_statsmodels(pair):
    theirs = confint_proportions_2indep(*pair, method="newcomb", compare="diff")
    assert newcombe_interval(*pair) == pytest.approx(theirs)


@pytest.mark.parametrize("pair", PAIRS)
def test_the_interval_of_a_ratio_is_that_of_statsmodels(pair):
    theirs = confint_proportions_2indep(*pair, method="log", compare="ratio")
    assert ratio_interval(*pair) == pytest.approx(theirs, rel=1e-3)


def test_without_anybody_or_any_hit_an_interval_says_so():
    assert newcombe_interval(0, 0, 3, 10) == (-1.0, 1.0)
    assert ratio_interval(0, 10, 3, 10) == (0.0, float("inf"))
