"""The simulated school has the size, the rhythm and the rates that the domain gives for the real one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from passerelle.demo_school import DemoSchool, World, enrolment_truth, oracle_auc, simulate
from passerelle.demo_school.chance import NEVER

LMS_KEYS = {
    "lms.attendance": ["enrolment_no", "session_date", "session_part"],
    "lms.activity": ["enrolment_no", "activity_date"],
}


def school_years(world: World) -> np.ndarray:
    months = world.enrolments.start.astype("datetime64[D]").astype("datetime64[M]").astype(int)
    return (months - 8) // 12 + 1970


def placed(world: World) -> np.ndarray:
    return world.careers.start[:, 0] - world.enrolments.left <= 180


def test_school_has_its_six_campuses_ten_trainings_and_nine_partners(demo_world: World) -> None:
    cohorts = demo_world.frame("sis.cohort")
    assert set(cohorts["campus"]) == {"Brussels", "Ghent", "Antwerp", "Charleroi", "Hasselt", "Kortrijk"}
    assert cohorts["training_code"].nunique() == demo_world.tables["sis.training"].num_rows == 10
    assert "Cronos Group" in set(demo_world.frame("sis.partner")["partner_name"])
    assert demo_world.tables["sis.partner"].num_rows == 9


def test_each_full_school_year_has_150_to_200_learners_in_cohorts_of_about_25(demo_world: World) -> None:
    sizes = pd.Series(school_years(demo_world)).value_counts().drop(2026)
    assert set(sizes.index) == set(range(2018, 2026))
    assert sizes.between(150, 200).all()
    assert demo_world.enrolments.cohorts.size.mean() == pytest.approx(25, abs=1)


def test_cohorts_start_on_mondays_when_school_is_open(demo_world: World) -> None:
    start = demo_world.enrolments.cohorts.start
    assert ((start + 3) % 7 == 0).all()
    assert demo_world.play.calendar.is_open(start).all()


def test_every_campus_has_two_coaches_and_all_three_languages_occur(demo_world: World) -> None:
    coaches = demo_world.frame("sis.coach")
    assert (coaches.groupby("campus").size() == 2).all()
    assert len(coaches) == 12
    assert set(coaches["language"]) == {"fr", "nl", "en"}


def test_between_11_and_29_percent_leave_early_in_each_year_and_18_in_all(
    demo_world: World, large_world: World
) -> None:
    by_year = pd.Series(~demo_world.enrolments.is_completed).groupby(school_years(demo_world)).mean()
    assert by_year.between(0.11, 0.29).all()
    assert 1 - large_world.enrolments.is_completed.mean() == pytest.approx(0.18, abs=0.02)


def test_leaving_is_front_loaded(large_world: World) -> None:
    weeks = large_world.enrolments.journeys.left_after_days[~large_world.enrolments.is_completed] // 7
    per_week = np.bincount(weeks, minlength=43)
    assert per_week[:4].mean() > 4 * per_week[4:30].mean() > 4 * per_week[30:].mean()


def test_about_91_percent_of_half_days_are_attended(large_world: World) -> None:
    last = large_world.frame("lms.attendance").drop_duplicates(LMS_KEYS["lms.attendance"], keep="last")
    assert last["mark"].isin(["present", "late"]).mean() == pytest.approx(0.91, abs=0.015)


def test_engagement_of_one_week_carries_over_to_the_next_by_about_six_tenths(large_world: World) -> None:
    enrolments = large_world.enrolments
    deviation = enrolments.journeys.engagement - enrolments.traits.engagement[:, None]
    lag_1 = np.corrcoef(deviation[:, :-1].ravel(), deviation[:, 1:].ravel())[0, 1]
    assert lag_1 == pytest.approx(0.6, abs=0.03)


def test_60_to_80_percent_of_completers_find_work_in_six_months(large_world: World) -> None:
    ended = large_world.enrolments.is_completed
    by_year = pd.Series(placed(large_world)[ended]).groupby(school_years(large_world)[ended]).mean()
    assert by_year.between(0.60, 0.82).all()
    assert by_year.max() - by_year.min() > 0.05


def test_30_to_40_percent_of_those_who_left_early_find_work_in_six_months(large_world: World) -> None:
    assert 0.30 <= placed(large_world)[~large_world.enrolments.is_completed].mean() <= 0.40


def test_jobs_end_and_some_are_short_or_subsidised(large_world: World) -> None:
    careers = large_world.careers
    begun = careers.start < 2**30
    days = (careers.end - careers.start)[begun]
    assert 0.02 < (days < 28).mean() < 0.25
    assert 0.05 < (careers.kind[begun] == 3).mean() < 0.25


def test_10_to_20_percent_do_not_answer_each_survey(large_world: World) -> None:
    first = large_world.frame("survey.followup").drop_duplicates(["enrolment_no", "wave_months"])
    silent = first["answered_date"].isna().groupby(first["wave_months"]).mean()
    assert list(silent.index) == [3, 6, 12]
    assert silent.between(0.10, 0.20).all()
    assert silent.is_monotonic_increasing


@pytest.mark.parametrize("name", LMS_KEYS)
def test_about_6_percent_of_records_are_late_and_1_percent_are_corrected(
    large_world: World, name: str
) -> None:
    rows = large_world.frame(name)
    first = rows.drop_duplicates(LMS_KEYS[name])
    happened = pd.to_datetime(first[LMS_KEYS[name][1]])
    assert (first["recorded_at"].dt.normalize() > happened).mean() == pytest.approx(0.06, abs=0.005)
    assert len(rows) / len(first) - 1 == pytest.approx(0.01, abs=0.002)


def test_those_who_come_back_left_before_and_are_one_learner(large_world: World) -> None:
    enrolments = large_world.enrolments
    returns = np.flatnonzero(enrolments.is_return)
    assert 0.005 < len(returns) / len(enrolments) < 0.03
    before = enrolments.person[returns]
    assert (enrolments.left[before] < enrolments.start[returns]).all()
    assert not enrolments.is_completed[before].any()
    assert (
        enrolments.cohorts.campus[enrolments.cohort[before]]
        == enrolments.cohorts.campus[enrolments.cohort[returns]]
    ).all()


def test_nobody_works_before_leaving_or_after_coming_back(large_world: World) -> None:
    enrolments, careers = large_world.enrolments, large_world.careers
    assert (careers.start > enrolments.left[:, None]).all()
    returns = np.flatnonzero(enrolments.is_return)
    before = enrolments.person[returns]
    worked = careers.start[before] < 2**30
    assert (careers.end[before] < enrolments.start[returns][:, None])[worked].all()


def test_one_to_five_of_a_thousand_learners_die_in_training_and_nothing_is_told_of_them_afterwards(
    demo_world: World, large_world: World
) -> None:
    assert len(dead(demo_world)) > 0
    assert 0.001 < len(dead(large_world)) / len(large_world.enrolments) < 0.005
    told = large_world.frame("sis.enrolment_status").merge(dead(large_world), on="enrolment_no")
    assert (told["effective_date"] <= told["died_date"]).all()
    learners = set(
        large_world.frame("sis.enrolment").merge(dead(large_world), on="enrolment_no")["learner_no"]
    )
    assert not learners & set(large_world.frame("survey.followup")["learner_no"])
    assert not learners & set(large_world.frame("vdab.tewerkstelling")["referentie"])
    died = large_world.enrolments.enrolment_no.to_pandas().isin(dead(large_world)["enrolment_no"])
    assert (large_world.careers.start[died] >= NEVER).all()


def dead(world: World) -> pd.DataFrame:
    rows = world.frame("sis.enrolment_status")
    rows = rows[rows["reason_code"] == "deceased"].drop_duplicates("enrolment_no", keep="last")
    return rows[["enrolment_no", "effective_date"]].rename(columns={"effective_date": "died_date"})


def test_nobody_elses_fate_moves_when_more_die(config: DemoSchool, small_world: World) -> None:
    leaving = config.assumed.leaving.model_copy(update={"deceased_share": 0.5})
    assumed = config.assumed.model_copy(update={"leaving": leaving})
    deadly = simulate(config.model_copy(update={"assumed": assumed}), learners=500)
    lost = dead(deadly)["enrolment_no"]
    assert len(lost) > 20
    keys = small_world.frame("sis.enrolment")[["enrolment_no", "learner_no"]].drop_duplicates()
    lost_learners = keys.loc[keys["enrolment_no"].isin(lost), "learner_no"]
    for name in small_world.tables:
        kept = [world.frame(name) for world in (small_world, deadly)]
        kept = [rows[~rows.isin([*lost, *lost_learners]).any(axis=1)].reset_index(drop=True) for rows in kept]
        pd.testing.assert_frame_equal(*kept)


def test_oracle_is_credible_on_the_demo_school_and_in_the_large(
    demo_world: World, large_world: World
) -> None:
    for world, luck in ((demo_world, 0.03), (large_world, 0.01)):
        auc = oracle_auc(world)
        assert 0.75 - luck <= auc["completes_at_week_4"] <= 0.80 + luck
        assert auc["placed_at_intake"] == pytest.approx(0.70, abs=0.02 + luck)
        assert auc["placed_at_intake"] < 0.80


def test_true_probabilities_are_calibrated(large_world: World) -> None:
    truth = enrolment_truth(large_world, paths=100)
    for chance, outcome in (("chance_completes_week_4", "completes"), ("chance_placed_intake", "is_placed")):
        known = truth[truth[chance].notna()]
        tenths = known.groupby(pd.qcut(known[chance], 10), observed=True)
        gap = tenths[outcome].mean() - tenths[chance].mean()
        assert gap.abs().max() < 0.06
