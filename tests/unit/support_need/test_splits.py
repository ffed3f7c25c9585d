from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from support_need.pipeline import prepare
from support_need.splits import Split, judged_cases, rolling_origins, training_cases
from support_need.targets import cohort_calendar, known_labels


@pytest.fixture
def open_university() -> pd.DataFrame:
    """The example of the module: presentations of eight months, from February and from October."""
    starts = pd.to_datetime(["2013-02-04", "2013-10-07", "2014-02-03", "2014-10-06"])
    return pd.DataFrame(
        {
            "start_date": starts,
            "mature_at": starts + pd.Timedelta(days=240),
            "learnable_at": starts + pd.Timedelta(days=240),
            "enrolments_count": 100,
        },
        index=["2013B", "2013J", "2014B", "2014J"],
    )


def splits(calendar: pd.DataFrame, **choices: object) -> dict[tuple[str, ...], tuple[str, ...]]:
    chosen = {"day": 14, "known_before": dt.date(2015, 7, 6), "fewest_enrolments": 1} | choices
    return {split.test_cohorts: split.train_cohorts for split in rolling_origins(calendar, **chosen)}


def test_the_worked_example_of_the_module(open_university):
    assert splits(open_university) == {
        ("2013J",): ("2013B",),
        ("2014B",): ("2013B",),
        ("2014J",): ("2013B", "2013J", "2014B"),
    }


def test_an_outcome_known_on_the_monday_itself_is_not_known_before_it(open_university):
    open_university.loc["2013B", ["mature_at", "learnable_at"]] = pd.Timestamp("2013-10-21")
    assert ("2013J",) not in splits(open_university)


def test_a_cohort_that_matures_later_judges_nobody(open_university):
    assert ("2014J",) not in splits(open_university, known_before=dt.date(2014, 12, 1))


def test_too_little_history_gives_no_split(open_university):
    assert splits(open_university, fewest_enrolments=101) == {("2014J",): ("2013B", "2013J", "2014B")}


def test_a_day_that_is_no_monday_of_training_is_refused(open_university):
    with pytest.raises(ValueError, match="day 15"):
        splits(open_university, day=15)


def test_a_learner_is_never_on_both_sides(school):
    panel, targets = school
    again = panel["cohort_id"].eq("coh_05") & panel["enrolment_id"].str.endswith("_000")
    panel = panel.assign(learner_id=panel["learner_id"].mask(again, "lrn_enr_00_000"))
    rows = prepare(panel)
    labels = known_labels(targets, "completes").reindex(rows["enrolment_id"].astype(str))
    cases = rows.assign(is_bad=labels["is_bad"].to_numpy(), known_at=labels["known_at"].to_numpy())
    split = Split(28, pd.Timestamp("2030-01-07"), ("coh_00", "coh_01"), ("coh_05",))
    learned, judged = training_cases(cases, split, stage=1), judged_cases(cases, split)
    assert len(learned) == 2 * (2 * 40 - 1)
    assert len(judged) == 40
    assert not set(learned["learner_id"]) & set(judged["learner_id"])


def test_only_outcomes_known_before_the_monday_are_learned_from(school):
    panel, targets = school
    late = targets["enrolment_id"].eq("enr_00_001")
    targets = targets.assign(known_at=targets["known_at"].mask(late, pd.Timestamp("2019-01-07")))
    rows = prepare(panel)
    labels = known_labels(targets, "completes").reindex(rows["enrolment_id"].astype(str))
    cases = rows.assign(is_bad=labels["is_bad"].to_numpy(), known_at=labels["known_at"].to_numpy())
    split = Split(28, pd.Timestamp("2019-01-07"), ("coh_00",), ("coh_05",))
    assert "enr_00_001" not in set(training_cases(cases, split, stage=1)["enrolment_id"])


def test_a_running_cohort_is_not_mature_because_its_dropouts_are_known(school):
    panel, targets = school
    running = targets["enrolment_id"].str.startswith("enr_07") & targets["is_positive"]
    targets = targets.assign(known_at=targets["known_at"].mask(running), is_mature=~running)
    calendar = cohort_calendar(prepare(panel), known_labels(targets, "completes"))
    assert calendar.loc["coh_07", "mature_at"] is pd.NaT
    assert calendar["mature_at"].notna().sum() == 7


def test_one_outcome_that_nobody_records_does_not_hold_a_cohort_back(school):
    panel, targets = school
    calendar = cohort_calendar(prepare(panel), known_labels(targets.drop(index=0), "completes"))
    assert calendar.loc["coh_00", "mature_at"] == targets.loc[0, "known_at"]


def test_two_outcomes_of_one_enrolment_are_refused(school):
    twice = pd.concat([school[1], school[1].head(1)])
    with pytest.raises(ValueError, match="two outcomes"):
        known_labels(twice, "completes")
