"""Forecasts on a made-up school of known rates: cohorts that differ, learners who drop out, news that is late."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from support_need.effects import Additive, Itself
from support_need.environment import Environment
from support_need.forecast import FORECAST_COLUMNS, forecast
from support_need.forecast_backtest import backtest_forecast, coverage
from support_need.journeys import FACTS, Question, journeys
from support_need.pipeline import FittedTarget
from support_need.rule import RULE_POINTS
from support_need.spec import ENVIRONMENT

WEEKS, CLASS = 26, 24
QUESTION = Question(
    as_of=dt.date(2024, 1, 1),
    definition_id="promise",
    horizon_days=180,
    reporting_lag_days=45,
    target_share=0.7,
    min_mature_enrolments=100,
)
#: What a learner's probability of leaving is in this school: a quarter, by the class alone.
QUARTER = FittedTarget(
    candidate=ENVIRONMENT,
    stages={0: Additive(0.0, {"environment": Itself()}, Environment(float(np.log(1 / 3)), {}, {}, {}))},
)


def make_frames(
    *, seed: int, cohort_scale: float = 0.35, cohorts: int = 48
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Prepared rows and targets: a cohort every seven weeks, half a year of training, then the search for work."""
    random = np.random.default_rng(seed)
    rows, targets = [], []
    for number in range(cohorts):
        start = pd.Timestamp("2018-01-01") + pd.Timedelta(weeks=7 * number)
        names = [f"{number:02d}_{one:02d}" for one in range(CLASS)]
        stays = random.random(CLASS) < 0.75
        weeks = np.where(stays, WEEKS, random.integers(5, WEEKS, CLASS))
        left = start + pd.to_timedelta(7 * weeks, unit="D")
        hazard = expit(-1.6 + random.normal(0, cohort_scale))
        placed_day = 30.0 * random.geometric(hazard, CLASS) - random.integers(1, 30, CLASS)
        found = placed_day <= QUESTION.horizon_days
        placed = left + pd.to_timedelta(placed_day, unit="D")
        heard = placed + pd.to_timedelta(random.integers(10, 90, CLASS), unit="D")
        final = left + pd.Timedelta(days=225)
        for week in range(1, WEEKS + 1):
            there = weeks >= week
            rows.append(
                pd.DataFrame(
                    {
                        "enrolment_id": np.array(names)[there],
                        "learner_id": np.array(names)[there],
                        "cohort_id": f"c{number:02d}",
                        "training_id": "t",
                        "campus": f"campus_{number % 2}",
                        "as_of_date": start + pd.Timedelta(weeks=week),
                        "start_date": start,
                        "week_of_training": week,
                        "stage": 0,
                        RULE_POINTS: 0,
                    }
                    | dict.fromkeys(FACTS, 0.0)
                )
            )
        for target, positive, decided, known in (
            ("completes", stays, left, left + pd.Timedelta(days=2)),
            ("placed", found, placed.where(found, left + pd.Timedelta(days=180)), heard.where(found, final)),
        ):
            targets.append(
                pd.DataFrame(
                    {
                        "enrolment_id": names,
                        "target": target,
                        "is_positive": positive,
                        "decided_date": decided,
                        "known_at": known,
                        "is_mature": True,
                    }
                )
            )
    keys = dict.fromkeys(("enrolment_id", "learner_id", "cohort_id", "training_id", "campus"), "category")
    return pd.concat(rows, ignore_index=True).astype(keys), pd.concat(targets, ignore_index=True)


@pytest.fixture(scope="module")
def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    return make_frames(seed=11)


@pytest.fixture(scope="module")
def said(frames) -> pd.DataFrame:
    return forecast(*frames, completes=QUARTER, question=QUESTION, model_version="v")


def test_every_running_cohort_and_campus_and_the_school_are_forecast_in_the_columns_of_a_file(frames, said):
    people = journeys(frames[0][frames[0]["as_of_date"] <= "2024-01-01"], frames[1], question=QUESTION)
    running = people.loc[~people["is_settled"], "cohort_id"].unique()
    assert set(said.loc[said["scope_kind"] == "cohort", "scope_id"]) == set(running)
    assert tuple(said.columns) == FORECAST_COLUMNS
    assert said["scope_kind"].value_counts()[["campus", "school"]].to_dict() == {"campus": 2, "school": 1}
    assert len(running) >= 5


def test_the_same_monday_gives_the_same_forecast_to_the_last_bit(frames, said):
    again = forecast(*frames, completes=QUARTER, question=QUESTION, model_version="v")
    pd.testing.assert_frame_equal(again, said, check_exact=True)


def test_nothing_known_on_the_monday_or_later_moves_a_forecast(frames, said):
    rows, targets = frames
    late = pd.to_datetime(targets["known_at"]) >= pd.Timestamp(QUESTION.as_of)
    turned = targets.assign(is_positive=targets["is_positive"] ^ late)
    assert late.sum() > 50
    later = rows.assign(score_level=np.where(rows["as_of_date"] > "2024-01-01", 9.0, rows["score_level"]))
    again = forecast(later, turned, completes=QUARTER, question=QUESTION, model_version="v")
    pd.testing.assert_frame_equal(again, said, check_exact=True)


def test_intervals_of_eighty_per_cent_hold_about_eighty_per_cent_of_the_time():
    judged = pd.concat(
        backtest_forecast(*make_frames(seed=seed), candidate=ENVIRONMENT, question=QUESTION).assign(
            scope_id=lambda frame, seed=seed: f"{seed} " + frame["scope_id"]
        )
        for seed in (21, 22)
    )
    told = {row["scope_kind"]: row for row in coverage(judged, target_share=QUESTION.target_share)}
    assert told["cohort"]["independent_count"] >= 45
    assert 0.72 <= told["cohort"]["inside_share"] <= 0.92
    assert 0.65 <= told["school"]["inside_share"] <= 0.95
    assert told["school"]["mean_width"] < told["cohort"]["mean_width"]
    for row in told.values():
        for name, edges in row["intervals"].items():
            assert edges[0] <= row[name] <= edges[1], name
            assert edges[0] >= 0 or name == "mean_error"
        assert row["intervals"]["mean_error"][0] < 0 < row["intervals"]["mean_error"][1]
        assert abs(row["mean_error"]) < 0.03


def test_without_shocks_the_intervals_of_cohorts_would_be_too_narrow(monkeypatch):
    rows, targets = make_frames(seed=24, cohort_scale=0.9)
    with_shocks = backtest_forecast(rows, targets, candidate=ENVIRONMENT, question=QUESTION)
    monkeypatch.setattr("support_need.futures.SharedFit.draw", _without_shocks)
    without = backtest_forecast(rows, targets, candidate=ENVIRONMENT, question=QUESTION)
    inside = [part.loc[part["scope_kind"] == "cohort", "is_inside"].mean() for part in (with_shocks, without)]
    assert inside[0] > inside[1] + 0.15


def _without_shocks(fitted, random, size):
    weights = np.tile(fitted.mode, (size, 1))
    return weights, np.zeros((size, len(fitted.cohort_mode)))


def test_a_learner_who_will_surely_leave_is_not_counted_on(frames):
    rows, targets = frames
    leaving = FittedTarget(
        candidate=ENVIRONMENT,
        stages={0: Additive(0.0, {"environment": Itself()}, Environment(9.0, {}, {}, {}))},
    )
    usual = forecast(*frames, completes=QUARTER, question=QUESTION, model_version="v")
    empty = forecast(rows, targets, completes=leaving, question=QUESTION, model_version="v")
    school = [frame.set_index("scope_kind").loc["school"] for frame in (usual, empty)]
    assert school[1]["completers_expected_count"] < school[0]["completers_expected_count"] - 20


def test_heads_missing_are_those_between_the_promise_and_what_is_expected(said):
    expected = said["expected_share"] * said["completers_expected_count"]
    gap = QUESTION.target_share * said["completers_expected_count"] - expected
    assert (said["heads_missing"] - gap.clip(lower=0)).between(-0.3, 1.3).all()
    assert (said["heads_missing"] > 0).any()


def test_listed_learners_matter_where_they_are_and_nowhere_else(frames, said):
    rows, targets = frames
    now = rows[rows["as_of_date"] == pd.Timestamp(QUESTION.as_of)]
    cohort = now["cohort_id"].iloc[0]
    listed = now.loc[now["cohort_id"] == cohort, "enrolment_id"].head(6).tolist()
    told = forecast(rows, targets, completes=QUARTER, question=QUESTION, model_version="v", listed=listed)
    told = told[told["scope_kind"] == "cohort"].set_index("scope_id")
    assert told.loc[cohort, "listed_count"] == 6
    assert told.loc[cohort, "listed_matter_share"] > 0.02
    assert told.loc[cohort, "chance_if_listed_placed"] > told.loc[cohort, "chance_target_holds"]
    assert (told.drop(cohort)["listed_matter_share"] == 0).all()
    assert told["expected_share"].to_numpy() == pytest.approx(
        said.loc[said["scope_kind"] == "cohort", "expected_share"].to_numpy()
    )


def test_a_learner_who_may_not_be_scored_counts_as_the_average_of_the_class(frames):
    rows, targets = frames
    nobody = rows.loc[rows["as_of_date"] == pd.Timestamp(QUESTION.as_of), "enrolment_id"].tolist()
    told = forecast(
        rows, targets, completes=QUARTER, question=QUESTION, model_version="v", not_scored=nobody[:5]
    )
    assert told["completers_expected_count"].notna().all()


def test_a_school_without_placements_or_past_or_running_cohort_gets_no_forecast(frames):
    rows, targets = frames
    none = forecast(
        rows,
        targets[targets["target"] == "completes"],
        completes=QUARTER,
        question=QUESTION,
        model_version="v",
    )
    unfitted = forecast(
        rows, targets, completes=FittedTarget("plain_rule", {}), question=QUESTION, model_version="v"
    )
    early = QUESTION.__class__(**{**QUESTION.__dict__, "as_of": dt.date(2018, 9, 3)})
    too_early = forecast(rows, targets, completes=QUARTER, question=early, model_version="v")
    over = QUESTION.__class__(**{**QUESTION.__dict__, "as_of": dt.date(2026, 1, 5)})
    none_runs = forecast(rows, targets, completes=QUARTER, question=over, model_version="v")
    for empty in (none, unfitted, too_early, none_runs):
        assert empty.empty
        assert tuple(empty.columns) == FORECAST_COLUMNS
