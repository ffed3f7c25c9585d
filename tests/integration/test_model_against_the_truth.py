"""The model of the demo school against the truth that only the simulator knows."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from demo_week import Week
from passerelle.model_inputs import (
    audit_groups,
    forecast_question,
    in_force_on,
    model_choices,
    model_frames,
)
from passerelle.settings import Settings
from support_need import forecast_backtest
from support_need.evaluate import LISTED_SHARE, judge, labelled_cases
from support_need.explain import LEAST_TERM
from support_need.fairness import audit, violations
from support_need.pipeline import fit, prepare
from support_need.spec import LOGISTIC
from support_need.splits import learnable_cases, rolling_origins

pytestmark = pytest.mark.slow
MONDAY = dt.date(2026, 11, 23)
DAY = 28


@pytest.fixture(scope="module")
def settings(demo_week: Week) -> Settings:
    return Settings(school="ai_school", home=demo_week.home)


@pytest.fixture(scope="module")
def frames(settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame]:
    return model_frames(settings, MONDAY)


@pytest.fixture(scope="module")
def truth(demo_week: Week) -> pd.DataFrame:
    path = next(demo_week.home.rglob("truth/enrolment.parquet"))
    return pd.read_parquet(path).set_index("enrolment_no")


def judged(settings: Settings, panel: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """What the candidate that ships said of later cohorts on day 28, each learned from before."""
    cases, calendar = labelled_cases(prepare(panel).assign(places=LISTED_SHARE), targets, target="completes")
    choices = replace(model_choices(settings, MONDAY), days=(DAY,))
    splits = rolling_origins(
        calendar, day=DAY, known_before=MONDAY, fewest_enrolments=choices.min_mature_enrolments
    )
    return judge(cases, splits).rename(columns={shipped(settings): "probability"})


def shipped(settings: Settings) -> str:
    """The candidate that ranks the demo school's lists."""
    return in_force_on(settings, MONDAY)[1].by_target["completes"].candidate


def test_the_model_comes_most_of_the_way_that_somebody_who_knows_the_simulator_can_go(
    settings: Settings, frames: tuple[pd.DataFrame, pd.DataFrame], truth: pd.DataFrame
) -> None:
    said = judged(settings, *frames)
    chance = truth.loc[said["enrolment_id"], "chance_completes_week_4"].to_numpy()
    there = ~np.isnan(chance)
    is_bad = said["is_bad"][there]
    model, oracle = roc_auc_score(is_bad, said["probability"][there]), roc_auc_score(is_bad, -chance[there])
    sys.stdout.write(f"AUC on day {DAY}, {there.sum()} learners: model {model:.3f}, oracle {oracle:.3f}\n")
    assert there.sum() > 300
    assert oracle > model  # a model that beats the truth has seen the answer
    assert model - 0.5 > 0.5 * (oracle - 0.5)


def test_what_has_no_effect_gets_next_to_no_weight(frames: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """The simulator knows no season; and five draws of noise, one number per learner, in the season's place."""
    cases, _ = labelled_cases(prepare(frames[0]), frames[1], target="completes")
    enrolments = cases["enrolment_id"].astype(str)

    def weights(drawn: pd.DataFrame, name: str) -> np.ndarray:
        stages = fit(LOGISTIC, drawn).stages.values()
        return np.array([getattr(model.effects.get(name), "weight", 0.0) for model in stages])

    assert np.abs(weights(cases, "start_season")).max() < LEAST_TERM
    planted = [
        weights(
            cases.assign(start_season=enrolments.map(_noise(enrolments.unique(), seed)).to_numpy()),
            "start_season",
        )
        for seed in range(5)
    ]
    assert np.abs(planted).mean() < LEAST_TERM
    assert abs(np.mean(planted)) < LEAST_TERM / 2
    assert weights(cases, "absence_unexcused").mean() > 2 * np.abs(planted).mean()


def _noise(names: np.ndarray, seed: int) -> pd.Series:
    return pd.Series(np.random.default_rng(seed).normal(size=len(names)), index=names)


def _unrecorded(panel: pd.DataFrame, whose: np.ndarray) -> pd.DataFrame:
    """Half of what some learners attend and do online is never written down, and stands as absence without excuse."""
    lost = {
        name: np.where(whose, panel[name] - panel[name] // 2, 0)
        for name in panel.columns
        if name.startswith(("attended_half_days_count", "active_days_count"))
    }
    changed = {name: panel[name] - count for name, count in lost.items()}
    for window in ("", "_4w"):
        unexcused = f"unexcused_count{window}"
        changed[unexcused] = panel[unexcused] + lost[f"attended_half_days_count{window}"]
    return panel.assign(**changed)


def test_a_planted_bias_is_found_by_the_audit_and_none_without_it(
    settings: Settings, frames: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    panel, targets = frames
    groups = audit_groups(settings, MONDAY)
    is_woman = panel["enrolment_id"].map(groups["gender"]).eq("F").to_numpy()
    found = [
        violations(audit(judged(settings, rows, targets), groups))
        for rows in (panel, _unrecorded(panel, is_woman))
    ]
    assert found[0] == []
    assert any(text.startswith("false_positive_rate of gender F") for text in found[1]), found[1]


def test_what_is_said_of_classes_that_are_still_maturing_is_borne_out(
    settings: Settings, frames: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    """Learned twice a year from what was known then, said of whom maturing classes held, beside what came of them."""
    choices = model_choices(settings, MONDAY)
    cases, calendar = labelled_cases(
        prepare(frames[0]), frames[1], target="placed", horizon_days=choices.horizon_days
    )
    cases = cases[cases["stage"] == 1]
    came = cases.drop_duplicates("enrolment_id").set_index("enrolment_id")["is_bad"]
    parts = []
    for monday in pd.date_range(end="2026-03-02", start="2021-03-01", freq="26W-MON"):
        learned = learnable_cases(cases, calendar, monday)
        once = learned[~learned["is_settled"]].drop_duplicates("enrolment_id")
        said = fit(LOGISTIC, learned).probability(once)
        parts.append(once[["is_bad"]].assign(said=said, came=came[once["enrolment_id"]].to_numpy()))
    found = pd.concat(parts).dropna()
    so_far, said, final = found[["is_bad", "said", "came"]].mean()
    sys.stdout.write(
        f"{len(found)} maturing: {said:.3f} not placed were said, {final:.3f} came; {so_far:.3f} had no work yet\n"
    )
    assert len(found) > 300
    assert so_far > final + 0.1
    assert said == pytest.approx(final, abs=0.05)


def test_forecasts_cover_what_came_and_are_off_to_neither_side_beyond_chance(
    settings: Settings, frames: tuple[pd.DataFrame, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two forecasts a year of every running class and campus; a class counts once, whatever was forecast of it.

    When work seemed to be known years late, forecasts of classes were .060 (.003 to .117, by year) too low.
    """
    monkeypatch.setattr(forecast_backtest, "WEEKS_APART", 26)
    question = forecast_question(settings, MONDAY)
    judged_forecasts = forecast_backtest.backtest_forecast(
        prepare(frames[0]), frames[1], candidate=shipped(settings), question=question
    )
    told = forecast_backtest.coverage(judged_forecasts, target_share=question.target_share)
    held = {row["scope_kind"]: row for row in told}
    for kind, fewest in (("cohort", 30), ("campus", 15)):
        row = held[kind]
        sys.stdout.write(
            f"{kind}: {row['inside_share']:.2f} of {row['forecasts_count']} inside, .80 claimed\n"
        )
        assert row["independent_count"] >= fewest
        low, high = row["intervals"]["inside_share"]
        assert low <= row["claimed_share"] <= high
        assert 0.65 <= row["inside_share"] <= 0.95
        low, high = row["intervals"]["mean_error"]
        assert low < 0 < high
        assert abs(row["mean_error"]) < 0.04
