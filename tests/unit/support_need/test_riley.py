from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit
from scipy.stats import norm

from support_need.riley import learners_needed, share_explained


@pytest.mark.parametrize(("auc", "worked_out"), [(0.65, 194), (0.70, 107), (0.75, 67), (0.80, 45)])
def test_learners_per_parameter_where_one_in_five_drops_out(auc, worked_out):
    assert learners_needed(1, 0.2, auc=auc) == pytest.approx(worked_out, abs=1)


@pytest.mark.parametrize(("auc", "quoted"), [(0.65, 204), (0.70, 110), (0.75, 67), (0.80, 45)])
def test_a_table_quoted_for_the_same_formula_is_within_a_twentieth(auc, quoted):
    assert learners_needed(1, 0.2, auc=auc) == pytest.approx(quoted, rel=0.05)


@pytest.mark.parametrize(("auc", "bad_share"), [(0.7, 0.2), (0.8, 0.4)])
def test_the_share_explained_is_that_of_a_large_sample_fitted_by_statsmodels(auc, bad_share):
    random = np.random.default_rng(11)
    is_bad = (random.random(200_000) < bad_share).astype(float)
    facts = random.normal(size=200_000) + np.sqrt(2) * norm.ppf(auc) * is_bad
    fitted = sm.Logit(is_bad, sm.add_constant(facts)).fit(disp=False)
    cox_snell = 1 - np.exp(2 * (fitted.llnull - fitted.llf) / len(is_bad))
    assert share_explained(auc, bad_share) == pytest.approx(cox_snell, abs=0.004)


def test_weights_do_not_shrink_more_than_promised_with_as_many_learners_as_asked_for():
    """Riley's promise itself: fitted on n learners, the slope on new ones is about .9."""
    random, count = np.random.default_rng(3), learners_needed(5, 0.3, auc=0.75)
    apart = np.sqrt(2) * norm.ppf(0.75)
    truth = np.full(5, apart / np.sqrt(5))

    def draw(size: int) -> tuple[np.ndarray, np.ndarray]:
        is_bad = (random.random(size) < 0.3).astype(float)
        return random.normal(size=(size, 5)) + is_bad[:, None] * truth, is_bad

    new, outcome = draw(20_000)
    slopes = []
    for _ in range(60):
        fitted = sm.Logit(
            *reversed([sm.add_constant(part) if part.ndim == 2 else part for part in draw(count)])
        )
        said = expit(sm.add_constant(new) @ fitted.fit(disp=False).params)
        place = sm.add_constant(logit(said))
        slopes.append(sm.Logit(outcome, place).fit(disp=False).params[1])
    assert np.mean(slopes) == pytest.approx(0.9, abs=0.03)


def test_what_estimates_nothing_needs_nobody():
    assert learners_needed(0, 0.2) == 0
