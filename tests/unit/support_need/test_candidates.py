from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from support_need import candidates
from support_need.effects import Additive, Linear
from support_need.environment import fit_environment
from support_need.evaluate import labelled_cases
from support_need.features import BY_NAME
from support_need.pipeline import prepare
from support_need.spec import CANDIDATES


@pytest.fixture(scope="module")
def cases(school) -> pd.DataFrame:
    labelled, _ = labelled_cases(prepare(school[0]), school[1], target="completes")
    return labelled[labelled["stage"] == 2]


def test_the_fixed_prior_gives_what_an_independent_ridge_gives():
    random = np.random.default_rng(1)
    inputs = random.normal(size=(400, 3))
    is_bad = (random.random(400) < expit(inputs @ [1.0, -0.5, 0.0])).astype(float)
    weight = random.choice([0.5, 1.0], 400)
    ours = candidates.penalised_logistic(
        np.column_stack([np.ones(400), inputs]), is_bad, weight=weight, offset=np.zeros(400), prior_scale=0.3
    )
    theirs = LogisticRegression(C=0.3**2, tol=1e-10, max_iter=1000).fit(inputs, is_bad, sample_weight=weight)
    np.testing.assert_allclose(ours, [theirs.intercept_[0], *theirs.coef_[0]], atol=1e-5)


@pytest.mark.parametrize("name", CANDIDATES)
def test_contributions_add_up_to_the_probability(cases, name):
    model = candidates.FIT[name](cases)
    total = model.intercept + model.contributions(cases).sum(axis=1)
    np.testing.assert_allclose(model.probability(cases), expit(total), rtol=1e-12)


@pytest.mark.parametrize("name", CANDIDATES)
def test_a_model_survives_the_trip_through_plain_numbers(cases, name):
    model = candidates.FIT[name](cases)
    again = Additive.from_dict(json.loads(json.dumps(model.as_dict())))
    assert (again.probability(cases) == model.probability(cases)).all()


def test_a_stored_effect_of_an_unknown_kind_is_refused(cases):
    plain = candidates.fit_logistic(cases).as_dict()
    plain["effects"]["work_missing"]["kind"] = "eval"
    with pytest.raises(ValueError, match="unknown effect 'eval'"):
        Additive.from_dict(plain)


def test_the_tables_read_out_of_the_boosting_are_the_boosting(cases, fit_boosting):
    model, boosting, codes = fit_boosting(cases)
    np.testing.assert_allclose(model.probability(cases), boosting.predict_proba(codes)[:, 1], rtol=1e-9)


def test_a_weight_that_contradicts_its_known_sign_is_left_out(cases):
    upside_down = cases.assign(is_bad=1 - cases["is_bad"])
    weights = {
        name: effect.weight
        for name, effect in candidates.fit_logistic(upside_down).effects.items()
        if isinstance(effect, Linear)
    }
    assert all(weight * BY_NAME[name].sign >= 0 for name, weight in weights.items())
    assert "work_missing" not in weights
    assert "work_missing" in candidates.fit_logistic(cases).effects


def test_no_mark_yet_of_those_who_hand_nothing_in_says_nothing_of_a_cohort_with_nothing_due(cases):
    silent = (cases["is_bad"] == 1) & (cases["enrolment_id"].cat.codes % 2 == 0)
    learned = cases.assign(score_level=cases["score_level"].mask(silent))
    effect = candidates.fit_boosting(learned).effects["score_level"]
    terms = effect.contribution(learned["score_level"].to_numpy())
    assert np.ptp(terms) > 0.2
    assert abs(effect.unknown - np.median(terms)) < 1e-9


def test_a_feature_in_which_a_handful_differ_is_left_out(cases):
    handful = cases["enrolment_id"].astype(str).isin([f"enr_00_{number:03d}" for number in range(19)])
    few = cases.assign(earlier_attempts=handful.astype(float))
    more = cases.assign(earlier_attempts=(handful | (cases["enrolment_id"] == "enr_00_019")).astype(float))
    assert "earlier_attempts" not in candidates._usable(few)
    assert "earlier_attempts" in candidates._usable(more)


def test_who_is_there_on_every_monday_counts_once_and_who_left_for_the_mondays_until_then(cases):
    weeks = cases["week_of_training"]
    gone = cases["enrolment_id"].astype(str).eq("enr_00_000") & (weeks > weeks.min())
    weight = candidates.weights(cases[~gone])
    by_enrolment = pd.Series(weight).groupby(cases.loc[~gone, "enrolment_id"].astype(str).to_numpy()).sum()
    assert by_enrolment["enr_00_000"] == pytest.approx(1 / weeks.nunique())
    assert by_enrolment.drop("enr_00_000").to_numpy() == pytest.approx(1.0)


def test_the_rule_never_falls_as_its_points_rise(cases):
    (steps,) = candidates.fit_plain_rule(cases).effects.values()
    assert list(steps.values) == sorted(steps.values)
    assert steps.values[-1] > steps.values[0]


def test_an_input_far_out_cannot_rule_the_sum():
    effect = Linear(mean=0.0, spread=1.0, weight=0.5)
    assert effect.contribution(np.array([1e9, np.nan])).tolist() == [2.0, 0.0]


def test_a_small_class_is_pulled_towards_everyone_and_a_new_one_is_everyone():
    few = pd.DataFrame({"training_id": "new", "campus": "x", "is_bad": np.repeat([1.0, 0.0], [8, 2])})
    many = pd.DataFrame({"training_id": "old", "campus": "y", "is_bad": np.repeat([1.0, 0.0], [200, 800])})
    both = pd.concat([few, many], ignore_index=True)
    environment = fit_environment(both, np.ones(len(both)))
    asked = pd.DataFrame({"training_id": ["new", "old", "never seen"], "campus": ["x", "y", "z"]})
    small, large, unseen = expit(environment.logits(asked))
    assert 0.25 < small < 0.5
    assert large == pytest.approx(0.2, abs=0.01)
    assert logit(unseen) == pytest.approx(environment.overall)
