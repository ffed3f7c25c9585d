from __future__ import annotations

import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from habit_school import make_school
from support_need.candidates import fit_small_logistic
from support_need.evaluate import labelled_cases
from support_need.pipeline import prepare
from support_need.spec import SMALL
from support_need.splits import Split, judged_cases, rolling_origins, training_cases
from support_need.transport import leave_one_campus_out


@pytest.fixture(scope="module")
def campuses() -> tuple[pd.DataFrame, list[Split]]:
    cases, calendar = labelled_cases(prepare((school := make_school())[0]), school[1], target="completes")
    monday = pd.Timestamp("2022-01-03")
    return cases, rolling_origins(calendar, day=28, known_before=monday, fewest_enrolments=80)


def test_a_campus_is_judged_by_a_model_that_never_saw_it(campuses):
    cases, splits = campuses
    rows = leave_one_campus_out(cases, splits[-1:], SMALL)
    here = judged_cases(cases, splits[-1])
    (campus,) = here["campus"].astype(str).unique()
    learned = training_cases(cases, splits[-1], stage=1)
    unseen = fit_small_logistic(learned[learned["campus"] != campus])
    (row,) = rows
    assert (row["campus"], row["day"], row["n_test"]) == (campus, 28, 40)
    assert row["auc_elsewhere"] == pytest.approx(roc_auc_score(here["is_bad"], unseen.probability(here)))
    assert row["difference"] == pytest.approx(row["auc_elsewhere"] - row["auc"])


def test_habits_of_one_campus_hold_at_another(campuses):
    rows = leave_one_campus_out(*campuses, SMALL)
    assert [row["campus"] for row in rows] == ["campus_0", "campus_1"]
    for row in rows:
        low, high = row["interval"]
        assert low - 1e-9 <= row["auc_elsewhere"] <= high + 1e-9
        assert row["interval"][0] > 0.6


def test_what_a_campus_does_its_own_way_does_not_travel(campuses):
    """On one campus alone, good habits go with leaving: only a model that saw it can know."""
    cases, splits = campuses
    odd = cases["campus"].astype(str).eq("campus_1")
    flipped = cases.assign(is_bad=cases["is_bad"].where(~odd, 1 - cases["is_bad"]))
    rows = {row["campus"]: row for row in leave_one_campus_out(flipped, splits, SMALL)}
    assert rows["campus_1"]["auc_elsewhere"] < 0.4


def test_a_single_campus_cannot_tell(campuses):
    cases, splits = campuses
    assert leave_one_campus_out(cases.assign(campus="only"), splits, SMALL) == []
    assert leave_one_campus_out(cases, [], SMALL) == []
