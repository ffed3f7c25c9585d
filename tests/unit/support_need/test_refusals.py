"""Nobody is scored by a guess: each silence has its reason, and nobody else's score moves for it."""

from __future__ import annotations

import pandas as pd
import pytest

from habit_school import make_school
from support_need.evaluate import labelled_cases
from support_need.pipeline import FittedModel, FittedTarget, fit, plain_rule_model, prepare
from support_need.refusals import FAMILY_OF, REASONS, without_stale
from support_need.score import score
from support_need.spec import LOGISTIC

COUNTS_OF_ATTENDANCE = [f"{name}_4w" for name in ("planned_half_days_count", "attended_half_days_count")]


@pytest.fixture(scope="module")
def school() -> tuple[pd.DataFrame, pd.DataFrame]:
    return make_school(cohorts=8, learners=30)


@pytest.fixture(scope="module")
def model(school: tuple[pd.DataFrame, pd.DataFrame]) -> FittedModel:
    cases, _ = labelled_cases(prepare(school[0]), school[1], target="completes")
    plain = fit(LOGISTIC, cases)
    fitted = FittedTarget(plain.candidate, plain.stages, refits=(plain,))
    return FittedModel(by_target={"completes": fitted}, ranked_by="completes")


@pytest.fixture(scope="module")
def rule() -> FittedModel:
    return plain_rule_model(["completes"], ranked_by="completes")


@pytest.fixture(scope="module")
def monday(school: tuple[pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    """The newest cohort in its fifth week."""
    panel = school[0]
    newest = panel[panel["cohort_id"] == panel["cohort_id"].max()]
    return newest[newest["week_of_training"] == 5].reset_index(drop=True)


def said(model: FittedModel, frame: pd.DataFrame) -> pd.DataFrame:
    return score(model, frame, model_version="v").set_index("enrolment_id")


def test_everybody_of_whom_enough_is_known_is_scored(model: FittedModel, monday: pd.DataFrame) -> None:
    assert said(model, monday)["not_scored_reason"].isna().all()
    assert said(model, monday)["score_probability"].notna().all()


def test_who_has_been_there_for_less_than_a_week_is_too_new(model: FittedModel, monday: pd.DataFrame) -> None:
    lead = monday["enrolled_lead_days"].to_numpy().copy()
    lead[0], lead[1] = -29, -28  # of 35 days: there for 6, and for 7
    told = said(model, monday.assign(enrolled_lead_days=lead))["not_scored_reason"]
    assert told.iloc[0] == "too_new"
    assert told.iloc[1:].isna().all()


def test_a_class_whose_attendance_and_work_stopped_arriving_is_not_scored_and_not_taken_for_absent(
    model: FittedModel, rule: FittedModel, monday: pd.DataFrame
) -> None:
    silent = monday.assign(**dict.fromkeys(COUNTS_OF_ATTENDANCE, 0), has_assessments=False, due_count=0)
    for fitted in (model, rule):
        told = said(fitted, silent)
        assert told["not_scored_reason"].eq("source_stale").all()
        assert (
            told[["score_probability", "probability_low", "listed_share", "reason_1_code"]]
            .isna()
            .all(axis=None)
        )


def test_one_silent_family_of_three_leaves_enough_to_score(model: FittedModel, monday: pd.DataFrame) -> None:
    told = said(model, monday.assign(has_activity=False))
    assert told["score_probability"].notna().all()
    assert not told["reason_1_code"].isin(["activity_recent", "activity_last_week"]).any()


def test_a_campus_whose_sources_are_too_old_is_not_scored_and_the_others_are_as_ever(
    model: FittedModel, monday: pd.DataFrame
) -> None:
    here = monday.assign(campus="here")
    there = monday.assign(campus="there", cohort_id="C", enrolment_id="there " + monday["enrolment_id"])
    whole = pd.concat([here, there], ignore_index=True)
    stale = pd.DataFrame({"entity": list(FAMILY_OF), "campus": "there"})
    told = said(model, without_stale(whole, stale))
    assert told.loc[there["enrolment_id"], "not_scored_reason"].eq("source_stale").all()
    assert told.loc[there["enrolment_id"], "reason_1_code"].isna().all()
    pd.testing.assert_frame_equal(told.loc[here["enrolment_id"]], said(model, here))


def test_nobody_is_accused_by_a_family_that_is_too_old_while_the_rest_is_enough(
    model: FittedModel, monday: pd.DataFrame
) -> None:
    gone = monday.assign(campus="here", active_days_count_1w=0, active_days_count_4w=0)
    told = said(model, without_stale(gone, pd.DataFrame({"entity": ["activity_days"], "campus": ["here"]})))
    assert told["score_probability"].notna().all()
    shown = told[["reason_1_code", "reason_2_code", "reason_3_code"]]
    assert not shown.isin(["activity_recent", "activity_last_week"]).any(axis=None)
    assert monday["has_activity"].all()


def test_one_learner_whose_facts_are_missing_is_told_from_a_silent_class(
    model: FittedModel, monday: pd.DataFrame
) -> None:
    alone = monday.copy()
    alone.loc[0, COUNTS_OF_ATTENDANCE] = 0
    alone.loc[0, ["has_assessments", "has_activity"]] = False
    told = said(model, alone)["not_scored_reason"]
    assert told.iloc[0] == "too_much_missing"
    assert told.iloc[1:].isna().all()


def test_an_objection_outweighs_every_other_reason(model: FittedModel, monday: pd.DataFrame) -> None:
    lead = monday["enrolled_lead_days"].to_numpy().copy()
    lead[:2] = -34
    objects = [True, *[False] * (len(monday) - 1)]
    told = said(model, monday.assign(enrolled_lead_days=lead, has_profiling_objection=objects))
    assert told["not_scored_reason"].iloc[:2].tolist() == ["objection", "too_new"]


def test_who_is_not_scored_takes_no_place_on_a_list(model: FittedModel, monday: pd.DataFrame) -> None:
    owner = pd.Series("coach", index=monday["enrolment_id"])
    objects = monday.assign(has_profiling_objection=[number < 4 for number in range(len(monday))])
    told = score(model, objects, model_version="v", owner=owner, capacity=6)
    assert told["listed_share"].sum() == pytest.approx(6)
    assert told["listed_share"].isna().sum() == 4


def test_the_reasons_are_the_four_that_the_school_knows() -> None:
    assert set(REASONS) == {"objection", "too_new", "source_stale", "too_much_missing"}
