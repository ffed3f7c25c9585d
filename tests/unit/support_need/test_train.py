from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pandas as pd
import pytest

from support_need.pipeline import FittedModel
from support_need.score import SCORE_COLUMNS, score
from support_need.spec import PLAIN_RULE, Choices
from support_need.train import Training, train

MONDAY = dt.date(2021, 9, 6)
CHOICES = Choices(
    as_of=MONDAY,
    targets=("completes",),
    ranked_by="completes",
    days=(28,),
    min_mature_enrolments=80,
    capacity=6,
)


@pytest.fixture(scope="module")
def training(school) -> Training:
    return train(*school, choices=CHOICES)


@pytest.fixture(scope="module")
def monday(school) -> pd.DataFrame:
    panel = school[0]
    return panel[panel["as_of_date"] == pd.Timestamp(MONDAY)]


def test_a_training_says_what_it_learned_from(training):
    data = training.data["completes"]
    assert (data.cohorts_count, data.enrolments_count, data.rows_count) == (7, 280, 2800)
    assert data.mature_until == "2021-05-17"
    assert training.model.basis == "model"
    assert training.figures["completes"]["logistic"][0]["day"] == 28


def test_the_same_training_twice_has_the_same_digest_and_the_same_model(school, training):
    panel, targets = school
    again = train(
        panel.sample(frac=1, random_state=1), targets.sample(frac=1, random_state=2), choices=CHOICES
    )
    assert again.digest() == training.digest()


def test_another_label_or_another_choice_is_another_training(school, training):
    panel, targets = school
    assert (
        train(panel, targets.assign(is_positive=~targets["is_positive"]), choices=CHOICES).digest()
        != training.digest()
    )
    assert replace(training, choices=replace(CHOICES, days=(56,))).digest() != training.digest()
    assert replace(training, code="other").digest() != training.digest()


def test_what_became_known_later_does_not_change_a_training(school, training):
    panel, targets = school
    later = pd.to_datetime(targets["known_at"]) >= pd.Timestamp(MONDAY)
    assert later.any()
    future = panel["as_of_date"] > pd.Timestamp(MONDAY)
    garbage = panel.assign(handed_in_count=panel["handed_in_count"].mask(future, 99))
    again = train(garbage, targets.assign(is_positive=targets["is_positive"] ^ later), choices=CHOICES)
    assert again.digest() == training.digest()
    assert again.model == training.model


def test_too_little_history_makes_the_plain_rule_rank_and_says_so(school, monday):
    training = train(*school, choices=replace(CHOICES, min_mature_enrolments=10_000))
    fitted = training.model.by_target["completes"]
    assert (fitted.candidate, training.model.basis) == (PLAIN_RULE, "plain_rule")
    assert "280 enrolments" in training.model.why
    assert "10000 needed" in training.model.why
    scores = score(training.model, monday, model_version="v")
    assert scores["basis"].eq("plain_rule").all()
    assert scores["score_probability"].between(0, 1).all()
    assert scores["score_probability"].nunique() > 1


def test_scores_have_the_columns_of_a_score_file(training, monday):
    scores = score(training.model, monday, model_version="2021-09-06-abc")
    assert tuple(scores.columns) == SCORE_COLUMNS
    assert len(scores) == len(monday) > 0
    assert scores["enrolment_id"].is_unique
    assert scores["score_probability"].between(0, 1, inclusive="neither").all()
    assert set(scores["as_of_date"]) == {MONDAY}


def test_a_stored_model_scores_like_the_fitted_one(training, monday):
    stored = FittedModel.from_dict(json.loads(json.dumps(training.model.as_dict())))
    pd.testing.assert_frame_equal(
        score(stored, monday, model_version="v"), score(training.model, monday, model_version="v")
    )


def test_scoring_does_not_depend_on_the_order_of_the_rows(training, monday):
    shuffled = monday.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(
        score(training.model, shuffled, model_version="v"),
        score(training.model, monday, model_version="v"),
        check_exact=True,
    )


def test_a_learner_who_has_gone_is_not_scored(training, monday):
    gone = monday["enrolment_id"].iloc[0]
    rows = monday.assign(is_active=monday["enrolment_id"] != gone)
    assert gone not in set(score(training.model, rows, model_version="v")["enrolment_id"])


def test_the_rule_does_not_score_whom_it_knows_nothing_of(school, monday):
    training = train(*school, choices=replace(CHOICES, min_mature_enrolments=10_000))
    blind = monday.assign(planned_half_days_count_4w=0, planned_half_days_count=0, due_count=0)
    scores = score(training.model, blind, model_version="v")
    assert scores["score_probability"].isna().all()
    assert scores["not_scored_reason"].eq("too_new").all()
    assert scores["reason_1_code"].isna().all()


def test_a_stored_model_holds_nothing_of_a_learner(school, training):
    text = json.dumps(training.model.as_dict())
    assert "lrn_" not in text
    assert "enr_" not in text


def test_whoever_objects_to_being_scored_is_not_and_the_others_are_scored_as_before(training, monday):
    asked = monday.assign(has_profiling_objection=[True, *[False] * (len(monday) - 1)])
    before, after = (
        score(training.model, rows, model_version="v").set_index("enrolment_id") for rows in (monday, asked)
    )
    objector = str(monday["enrolment_id"].iloc[0])
    silent = after.loc[objector]
    assert silent["not_scored_reason"] == "objection"
    assert silent[["score_probability", "reason_1_code", "strength_1_code"]].isna().all()
    others = after.index != objector
    pd.testing.assert_frame_equal(after[others], before[others], check_dtype=False)
    assert after["not_scored_reason"].eq("objection").sum() == 1
