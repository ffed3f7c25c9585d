"""The level of what ships: moved where the rate drifts, left alone where it does not, and never a contribution."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from statsmodels.api import GLM, families

from habit_school import make_school
from support_need.evaluate import judge, labelled_cases
from support_need.pipeline import fit, prepare
from support_need.recalibrate import FEWEST_COHORTS, recalibrated, recalibration, shift
from support_need.spec import SMALL, Choices
from support_need.train import train

FIRST = pd.Timestamp("2020-01-06")


def said(
    *, off: list[float], classes: int = 4, learners: int = 60, seed: int = 1
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A half-year of classes for each of ``off``, in which the logits of what came are that far from what was said."""
    random = np.random.default_rng(seed)
    parts, mature_at = [], {}
    for half, apart in enumerate(off):
        start = FIRST + pd.Timedelta(weeks=26 * half)
        place = random.normal(-1.0, 1.0, classes * learners)
        cohort = np.repeat([f"c{half}_{one}" for one in range(classes)], learners)
        mature_at |= dict.fromkeys(cohort, start + pd.Timedelta(weeks=24))
        parts.append(
            pd.DataFrame(
                {
                    "cohort_id": cohort,
                    "day": 28,
                    "learned_at": start + pd.Timedelta(days=28),
                    "known_at": start + pd.Timedelta(weeks=22),
                    "is_bad": (random.random(len(place)) < expit(place + apart)).astype(float),
                    SMALL: expit(place),
                }
            )
        )
    return pd.concat(parts, ignore_index=True), pd.DataFrame({"mature_at": mature_at})


def test_a_drift_is_followed_and_the_level_comes_right():
    judged, calendar = said(off=[0.8, 0.8, 0.9, 0.9])
    found = recalibration(judged, calendar, SMALL)
    assert found["is_kept"]
    assert 0 < found["interval"][0] < found["log_loss_gain"] < found["interval"][1]
    assert found["intercept_before"] > 0.6
    assert abs(found["intercept_after"]) < 0.2
    assert (found["n_test"], found["cohorts_count"]) == (3 * 240, 12)


@pytest.mark.parametrize("seed", range(8))
def test_without_a_drift_nothing_is_moved(seed):
    judged, calendar = said(off=[0.0] * 5, seed=seed)
    assert not recalibration(judged, calendar, SMALL)["is_kept"]


def test_a_rate_that_goes_up_and_down_is_not_chased():
    judged, calendar = said(off=[0.6, -0.6, 0.6, -0.6, 0.6, -0.6])
    assert not recalibration(judged, calendar, SMALL)["is_kept"]


def test_fewer_classes_than_can_tell_move_nothing():
    judged, calendar = said(off=[0.9, 0.9], classes=FEWEST_COHORTS - 1)
    found = recalibration(judged, calendar, SMALL)
    assert found["log_loss_gain"] > 0
    assert not found["is_kept"]


def test_the_shift_is_that_of_statsmodels_on_the_latest_two_half_years():
    judged, calendar = said(off=[-2.0, 0.4, 0.8])
    latest = judged[judged["cohort_id"].str.startswith(("c1", "c2"))]
    offset = logit(latest[SMALL].to_numpy())
    model = GLM(latest["is_bad"].to_numpy(), np.ones(len(latest)), family=families.Binomial(), offset=offset)
    theirs = model.fit().params[0]
    assert shift(judged, calendar, SMALL, before=pd.Timestamp("2024-01-01")) == pytest.approx(theirs)


def test_what_was_not_known_yet_moves_nobody():
    judged, calendar = said(off=[0.8, 0.8, 0.8])
    later = judged["learned_at"] == judged["learned_at"].max()
    flipped = judged.assign(is_bad=judged["is_bad"].where(~later, 1 - judged["is_bad"]))
    pd.testing.assert_series_equal(
        recalibrated(judged, calendar, SMALL)[SMALL], recalibrated(flipped, calendar, SMALL)[SMALL]
    )
    first = judged["learned_at"] == judged["learned_at"].min()
    assert (recalibrated(judged, calendar, SMALL)[SMALL] == judged[SMALL])[first].all()


def test_a_moved_model_adds_up_to_its_shift_and_keeps_every_contribution():
    panel, targets = make_school(cohorts=3)
    rows = prepare(panel)
    fitted = fit(SMALL, labelled_cases(rows, targets, target="completes")[0])
    moved = fitted.moved(0.37)
    np.testing.assert_allclose(logit(moved.probability(rows)) - logit(fitted.probability(rows)), 0.37)
    pd.testing.assert_frame_equal(moved.contributions(rows), fitted.contributions(rows), check_exact=True)


def test_a_training_on_a_school_that_drifts_ships_the_moved_model_and_says_so():
    panel, targets = make_school(cohorts=10, learners=80, drift=0.35)
    panel = panel[panel["week_of_training"] <= 4]
    two_classes = panel["enrolment_id"].str[-1].astype(int) % 2
    panel = panel.assign(cohort_id=panel["cohort_id"] + two_classes.astype(str))
    choices = Choices(
        as_of=dt.date(2024, 1, 1),
        targets=("completes",),
        ranked_by="completes",
        days=(28,),
        min_mature_enrolments=240,
        capacity=20,
    )
    training = train(panel, targets, choices=choices)
    fitted, (worth,) = training.model.by_target["completes"], training.tables["completes"]["recalibration"]
    assert worth["is_kept"]
    assert worth["shift"] > 0.2
    assert abs(worth["intercept_after"]) < worth["intercept_before"] / 2
    cases, _ = labelled_cases(prepare(panel), targets, target="completes")
    plain = fit(fitted.candidate, cases)
    np.testing.assert_allclose(
        logit(fitted.probability(cases)) - logit(plain.probability(cases)), worth["shift"]
    )
    moved_by = [one.stages[0].level for one in fitted.refits]
    assert len({round(by, 6) for by in moved_by}) > 5  # each draw decides on its own level
    assert np.median(moved_by) > 0.2
    (row,) = training.figures["completes"][fitted.candidate]
    assert row["intervals"]["auc"][0] < row["auc"] < row["intervals"]["auc"][1]


def test_nobody_judged_is_nothing_kept():
    panel, targets = make_school(cohorts=2)
    cases, calendar = labelled_cases(prepare(panel).assign(places=0.2), targets, target="completes")
    found = recalibration(judge(cases, []), calendar, SMALL)
    assert (found["n_test"], found["is_kept"], found["log_loss_gain"]) == (0, False, None)
