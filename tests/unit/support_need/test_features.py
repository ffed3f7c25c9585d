from __future__ import annotations

import importlib

import numpy as np
import pandas as pd
import pytest

from habit_school import make_school
from passerelle.settings import PROJECT_DIR
from support_need.features import FEATURES, derive
from support_need.sentences import LANGUAGES
from support_need.spec import PROTECTED


def one_cohort(panel: pd.DataFrame, *, week: int = 4) -> pd.DataFrame:
    return panel[(panel["cohort_id"] == "coh_00") & (panel["week_of_training"] == week)].reset_index(
        drop=True
    )


def test_the_worked_example_of_the_module(school):
    rows = one_cohort(school[0]).head(3).assign(due_count=2, handed_in_of_due_count=[2, 2, 0])
    np.testing.assert_allclose(derive(rows)["work_missing"], [-0.7071, -0.7071, 1.4142], atol=1e-4)


def test_nothing_due_yet_is_unknown_and_not_missing(school):
    rows = one_cohort(school[0]).assign(due_count=0, handed_in_of_due_count=0, scored_weeks_sum=0)
    features = derive(rows)
    assert features["work_missing"].isna().all()
    assert features["score_level"].isna().all()


def test_a_click_log_that_does_not_arrive_is_unknown_and_not_silence(school):
    rows = one_cohort(school[0]).assign(has_activity=False)
    activity = [feature.name for feature in FEATURES if feature.family == "activity"]
    assert derive(rows)[activity].isna().all(axis=None)


def test_who_hands_in_earliest_has_the_highest_place(school):
    rows = (
        one_cohort(school[0])
        .head(4)
        .assign(handed_in_of_due_count=[1, 1, 2, 0], lead_days_beside_peers_sum=[-1, 5, 4, 0])
    )
    places = derive(rows)["hand_in_lead"]
    assert places[1] > places[2] > places[0]
    assert np.isnan(places[3])


def test_an_easy_piece_of_work_alone_makes_no_good_mark(school):
    rows = (
        one_cohort(school[0])
        .head(3)
        .assign(
            scored_weeks_sum=[2, 5, 2],
            score_pct_sum=[90.0, 140.0, 50.0],
            score_pct_weeks_beside_peers_sum=[-10.0, 0.0, -40.0],
        )
    )
    levels = derive(rows)["score_level"]
    assert levels[1] > levels[0] > levels[2]


def test_the_same_average_of_more_and_later_marks_says_more(school):
    weeks = np.array([1, 4, 12])
    rows = one_cohort(school[0]).head(3).assign(scored_weeks_sum=weeks)
    levels = derive(rows.assign(score_pct_weeks_beside_peers_sum=-30.0 * weeks))["score_level"]
    assert levels[0] > levels[1] > levels[2]


def test_other_enrolments_count_what_was_lost_and_an_average_only_where_there_are_marks(school):
    rows = (
        one_cohort(school[0])
        .head(2)
        .assign(
            other_dropped_out_count=[2, 0],
            other_failed_count=[1, 0],
            other_scored_count=[2, 0],
            other_score_pct_sum=[90.0, 0.0],
        )
    )
    features = derive(rows)
    assert features["other_lost"].tolist() == [2, 0]
    assert features["other_marks"].tolist() == pytest.approx([45.0, np.nan], nan_ok=True)


def test_the_season_is_that_of_the_start_and_not_of_the_monday():
    start = pd.Timestamp("2014-05-26")
    panel, _ = make_school(cohorts=1, learners=3)
    rows = panel.assign(as_of_date=start + pd.to_timedelta(7 * panel["week_of_training"], unit="D"))
    assert rows["as_of_date"].dt.month.max() > 6
    assert set(derive(rows)["start_season"]) == {0.0}


def test_those_who_left_are_no_peers(school):
    rows = one_cohort(school[0]).assign(due_count=2, handed_in_of_due_count=2)
    gone = rows.index >= 20
    rows.loc[gone, ["handed_in_of_due_count", "is_active"]] = [0, False]
    assert (derive(rows).loc[~gone, "work_missing"] == 0).all()


def test_features_depend_on_nobody_outside_the_cohort_and_monday(school):
    panel = school[0]
    chosen = (panel["cohort_id"] == "coh_03") & (panel["week_of_training"] == 5)
    alone = derive(panel[chosen])
    among_all = derive(panel)[chosen]
    pd.testing.assert_frame_equal(alone, among_all)


@pytest.mark.parametrize("column", sorted(PROTECTED))
def test_a_protected_attribute_is_refused(school, column):
    with pytest.raises(ValueError, match=column):
        derive(one_cohort(school[0]).assign(**{column: 1}))


def test_no_feature_reads_a_protected_attribute():
    assert FEATURES
    assert not PROTECTED.intersection(source for feature in FEATURES for source in feature.sources)


def test_a_feature_reads_no_other_column_than_it_declares(school):
    rows = one_cohort(school[0], week=6)
    before = derive(rows)
    for feature in FEATURES:
        others = [name for name in rows.select_dtypes("number") if name not in feature.sources]
        changed = rows.assign(**{name: rows[name] * 0 + 3 for name in others})
        pd.testing.assert_series_equal(derive(changed)[feature.name], before[feature.name])


def test_every_feature_speaks_three_languages_as_reason_and_as_strength():
    for feature in FEATURES:
        assert set(feature.sentences) == set(LANGUAGES)
        assert all(len(pair) == 2 and all(pair) for pair in feature.sentences.values())


def test_the_panel_that_the_benchmarks_train_on_has_every_count_that_a_feature_reads(monkeypatch):
    monkeypatch.syspath_prepend(PROJECT_DIR / "benchmarks")
    panel, _ = importlib.import_module("bench_train").make_panel(60, mondays=(1, 4))
    assert len(derive(panel)) == 120
