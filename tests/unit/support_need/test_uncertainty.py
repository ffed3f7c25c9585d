"""How sure a score is: bands that narrow with more cohorts, and who is near the cut."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from habit_school import make_school
from support_need.evaluate import judge, labelled_cases
from support_need.pipeline import FittedModel, FittedTarget, fit, prepare
from support_need.score import score
from support_need.spec import CANDIDATES, ENVIRONMENT, LOGISTIC, PLAIN_RULE, SMALL
from support_need.uncertainty import RESAMPLES, bands, listed_share, refits


def fitted_on(cohorts: int) -> tuple[FittedTarget, pd.DataFrame]:
    panel, targets = make_school(cohorts=cohorts, learners=30)
    rows = prepare(panel[panel["week_of_training"] <= 5])
    cases, _ = labelled_cases(rows, targets, target="completes")
    plain = fit(LOGISTIC, cases)
    again = refits(LOGISTIC, cases, judged=judge(cases.assign(places=0.2), []), among=CANDIDATES)
    return FittedTarget(plain.candidate, plain.stages, refits=again), rows


@pytest.fixture(scope="module")
def few() -> tuple[FittedTarget, pd.DataFrame]:
    return fitted_on(4)


@pytest.fixture(scope="module")
def newest(few) -> pd.DataFrame:
    rows = few[1]
    return rows[rows["as_of_date"] == rows["as_of_date"].max()]


def test_a_band_holds_the_score_and_has_a_width(few):
    low, high = bands(*few)
    own = few[0].probability(few[1])
    assert ((low <= own) & (own <= high)).all()
    assert (high - low).mean() > 0.01
    assert ((low >= 0) & (high <= 1)).all()


def test_more_cohorts_make_narrower_bands(few):
    def width(fitted: FittedTarget, rows: pd.DataFrame) -> float:
        low, high = bands(fitted, rows)
        return float((high - low).mean())

    assert width(*fitted_on(48)) < 0.9 * width(*few)


def test_the_same_cases_give_the_same_refits(few):
    assert fitted_on(4)[0] == few[0]
    assert len(few[0].refits) == RESAMPLES


def test_a_draw_chooses_again_among_the_candidates_on_the_classes_it_holds():
    """The small model is right about half of the classes and wrong about the others: some draws hold more of these."""
    panel, targets = make_school(cohorts=8, learners=30)
    cases, _ = labelled_cases(prepare(panel[panel["week_of_training"] == 4]), targets, target="completes")
    judged = cases[["enrolment_id", "cohort_id", "is_bad"]].assign(day=28, places=0.2)
    is_bad = judged["is_bad"].to_numpy()
    right, wrong = np.where(is_bad == 1, 0.9, 0.1), np.where(is_bad == 1, 0.4, 0.6)
    odd = (judged["cohort_id"].astype(str).str[-1].astype(int) % 2).to_numpy(dtype=bool)
    guess = dict.fromkeys((ENVIRONMENT, LOGISTIC), np.full(len(judged), 0.35))
    judged = judged.assign(
        **guess,
        **{SMALL: np.where(odd, right, wrong), PLAIN_RULE: np.full(len(judged), 0.4)},
        additive_boosting=0.35,
    )
    chosen = {one.candidate for one in refits(SMALL, cases, judged=judged, among=(SMALL, LOGISTIC))}
    assert chosen == {SMALL, PLAIN_RULE}
    assert {one.candidate for one in refits(SMALL, cases, judged=judged[:0], among=(SMALL,))} == {SMALL}


def test_the_shares_of_a_list_add_up_to_the_coachs_hours(few, newest):
    owner = pd.Series("coach", index=newest["enrolment_id"].astype(str))
    share = listed_share(few[0], newest, owner=owner, capacity=6)
    assert share.sum() == pytest.approx(6)
    probability = few[0].probability(newest)
    assert share[probability.argmax()] > share[np.argsort(probability)[len(newest) // 2]]


def test_some_are_near_the_cut_and_most_are_not(few, newest):
    owner = pd.Series("coach", index=newest["enrolment_id"].astype(str))
    share = listed_share(few[0], newest, owner=owner, capacity=6)
    near = (share > 0.15) & (share < 0.85)
    assert 0 < near.sum() < len(newest) / 2


def test_a_stored_model_keeps_its_refits(few):
    assert FittedTarget.from_dict(few[0].as_dict()) == few[0]


def test_without_refits_nothing_is_claimed(few, newest):
    bare = FittedTarget(few[0].candidate, few[0].stages)
    owner = pd.Series("coach", index=newest["enrolment_id"].astype(str))
    assert np.isnan(
        np.concatenate([*bands(bare, newest), listed_share(bare, newest, owner=owner, capacity=6)])
    ).all()
    one_class = few[1].assign(cohort_id="one", is_bad=0.0, places=0.2)
    assert refits(LOGISTIC, one_class, judged=judge(one_class, []), among=CANDIDATES) == ()


def test_a_score_file_carries_band_and_share(few):
    panel, _ = make_school(cohorts=4, learners=30)
    frame = panel[panel["week_of_training"] == 5]
    owner = pd.Series("coach", index=frame["enrolment_id"])
    model = FittedModel(by_target={"completes": few[0]}, ranked_by="completes")
    scores = score(model, frame, model_version="v", owner=owner, capacity=6)
    assert scores["probability_low"].le(scores["score_probability"]).all()
    assert scores["probability_high"].ge(scores["score_probability"]).all()
    assert scores.groupby("as_of_date")["listed_share"].sum().to_numpy() == pytest.approx(6)
