import pytest
from statsmodels.stats.proportion import proportion_confint

from support_need.intervals import exact_interval


@pytest.mark.parametrize(("successes", "number"), [(0, 7), (7, 7), (8, 10), (33, 200)])
def test_the_exact_interval_is_that_of_statsmodels(successes, number):
    theirs = proportion_confint(successes, number, alpha=0.05, method="beta")
    assert exact_interval(successes, number) == pytest.approx(theirs)


def test_nobody_tells_nothing():
    assert exact_interval(0, 0) == (0.0, 1.0)
