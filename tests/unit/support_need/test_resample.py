from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import logit
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from support_need import resample
from support_need.evaluate import figures, paired_differences
from support_need.resample import drawn, drawn_figures, drawn_sums, interval, resampled_figures


@pytest.fixture
def judged() -> pd.DataFrame:
    random = np.random.default_rng(5)
    probability = np.round(random.uniform(0.02, 0.98, 600), 2)
    return pd.DataFrame(
        {
            "cohort_id": random.choice(list("abcdef"), 600),
            "day": 28,
            "is_bad": (random.random(600) < probability).astype(float),
            "sharp": probability,
            "vague": np.round(0.8 * probability + 0.2 * random.random(600), 2),
        }
    )


def weights_of(judged: pd.DataFrame, draws: int | None = None) -> np.ndarray:
    """How often each case counts in each draw, or in the first few."""
    times, codes = drawn(judged["cohort_id"])
    return times[:draws, codes].astype(float)


def figures_of(judged: pd.DataFrame, weights: np.ndarray) -> dict[str, np.ndarray]:
    return resampled_figures(
        judged["is_bad"].to_numpy(), judged["sharp"].to_numpy(), weights, listed_share=0.2
    )


def test_each_draw_gives_what_scikit_learn_gives_with_its_weights(judged):
    weights = weights_of(judged, 7)
    ours = figures_of(judged, weights)
    for draw, weight in enumerate(weights):
        for name, theirs in (
            ("auc", roc_auc_score),
            ("ap", average_precision_score),
            ("brier", brier_score_loss),
            ("log_loss", log_loss),
        ):
            expected = theirs(judged["is_bad"], judged["sharp"], sample_weight=weight)
            assert ours[name][draw] == pytest.approx(expected, rel=1e-9), name


def test_with_every_cohort_drawn_once_the_figures_are_the_figures(judged):
    judged["sharp"] += np.linspace(0, 0.01, len(judged))  # tied people may fall into either of two bins
    once = {name: values[0] for name, values in figures_of(judged, np.ones((1, len(judged)))).items()}
    plain = figures(28, judged["is_bad"].to_numpy(), judged["sharp"].to_numpy())
    assert once == pytest.approx({name: plain[name] for name in once}, rel=1e-9)


def test_the_calibration_of_each_draw_is_that_of_statsmodels(judged):
    weights = weights_of(judged, 4)
    is_bad, place = judged["is_bad"].to_numpy(), logit(judged["vague"].to_numpy())
    ones = np.ones(len(judged))
    ours = resampled_figures(is_bad, judged["vague"].to_numpy(), weights, listed_share=0.2)
    for draw, weight in enumerate(weights):
        family = {"family": sm.families.Binomial(), "freq_weights": weight}
        slope = sm.GLM(is_bad, np.column_stack([ones, place]), **family).fit().params[1]
        in_the_large = sm.GLM(is_bad, ones, offset=place, **family).fit().params[0]
        assert ours["calibration_slope"][draw] == pytest.approx(slope, rel=1e-6)
        assert ours["calibration_intercept"][draw] == pytest.approx(in_the_large, rel=1e-6)


def test_equal_predictions_have_no_slope(judged):
    row = figures(28, judged["is_bad"].to_numpy(), np.full(len(judged), 0.4))
    assert row["calibration_slope"] is None
    assert row["calibration_intercept"] != 0


def test_whole_cohorts_are_drawn_and_as_many_as_there_are(judged):
    weights = weights_of(judged, 50)
    by_cohort = pd.DataFrame(weights.T).groupby(judged["cohort_id"]).agg(["min", "max"])
    assert (by_cohort.xs("min", axis=1, level=1) == by_cohort.xs("max", axis=1, level=1)).all(axis=None)
    assert (by_cohort.xs("min", axis=1, level=1).sum() == 6).all()
    assert weights.max() > 1


def test_a_sum_of_each_draw_is_that_of_its_weighted_learners(judged):
    values = judged["sharp"].to_numpy(), judged["is_bad"].to_numpy()
    weights = weights_of(judged)
    assert drawn_sums(judged["cohort_id"], *values) == pytest.approx(
        np.stack([weights @ one for one in values])
    )


@pytest.mark.parametrize("most", [1, 600 * 7])
def test_figures_are_the_same_however_many_draws_are_worked_out_at_once(judged, monkeypatch, most):
    at_once = figures_of(judged, weights_of(judged))
    monkeypatch.setattr(resample, "_MOST_WEIGHTS", most)
    told = judged["cohort_id"], judged["is_bad"].to_numpy(), judged["sharp"].to_numpy()
    in_blocks = drawn_figures(*told, listed_share=0.2)
    assert in_blocks.keys() == at_once.keys()
    for name, values in in_blocks.items():
        assert values == pytest.approx(at_once[name], rel=1e-9, nan_ok=True), name


def test_a_draw_with_one_outcome_only_has_no_auc_and_does_not_count(judged):
    only_good = judged["is_bad"].eq(0).to_numpy(dtype=float)
    values = figures_of(judged, np.vstack([np.ones(len(judged)), only_good]))["auc"]
    assert np.isnan(values[1])
    assert interval(values) == [values[0], values[0]]
    assert interval(values[1:]) is None


def test_a_paired_interval_is_narrower_than_the_two_apart(judged):
    (row,) = paired_differences(judged, "sharp", "vague", [28])
    difference, low, high = row["brier"]
    assert low < difference < high < 0
    weights = weights_of(judged)
    edges = interval(figures_of(judged, weights)["brier"])
    assert high - low < edges[1] - edges[0]


def test_nobody_judged_gives_no_difference(judged):
    assert paired_differences(judged, "sharp", "vague", [56]) == [{"day": 56}]
