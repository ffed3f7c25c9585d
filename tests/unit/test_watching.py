"""What was said at the time, beside what came of it: the scores of the model in force, each learner once."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from habit_school import make_school
from passerelle.landing import Landing
from passerelle.promotions import Promotion, PromotionRecord
from passerelle.said import SCORES
from passerelle.settings import Settings
from passerelle.watching import _matured
from support_need.pipeline import prepare


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(school="ai_school", home=tmp_path)


def land(
    settings: Settings, rows: pd.DataFrame, monday: pd.Timestamp, version: str, probability: float
) -> None:
    there = rows[rows["as_of_date"] == monday]
    scores = pd.DataFrame({"enrolment_id": there["enrolment_id"].astype(str)}).assign(
        as_of_date=monday.date(), target="completes", score_probability=probability
    )
    Landing(settings).land_scores(
        scores.reindex(columns=SCORES.names), as_of=monday.date(), model_version=version
    )


def test_each_matured_learner_counts_once_with_what_the_model_in_force_said_first(settings: Settings) -> None:
    panel, targets = make_school(cohorts=2, learners=5)
    rows = prepare(panel)
    first = rows[rows["cohort_id"] == "coh_00"]["as_of_date"].min()
    weeks = [first + pd.Timedelta(weeks=number) for number in range(10)]
    PromotionRecord(settings).append(
        Promotion(version="old", is_approved=True, as_of=weeks[0].date().isoformat())
    )
    PromotionRecord(settings).append(
        Promotion(version="new", is_approved=True, as_of=weeks[6].date().isoformat())
    )
    for place, monday in enumerate(weeks):
        land(settings, rows, monday, "old" if place < 6 else "new", 0.01 * (place + 1))
    land(settings, rows, weeks[4], "never_in_force", 0.99)
    known_at = targets["known_at"].min()
    as_of = (known_at + pd.Timedelta(weeks=1)).date()
    known = targets[targets["known_at"] < pd.Timestamp(as_of)]
    found = _matured(settings, as_of, rows, known)
    assert len(found) == 5
    assert found["probability"].tolist() == pytest.approx(
        [0.04] * 5
    )  # the Monday of the fourth week, not later
    assert found["cohort_id"].astype(str).unique().tolist() == ["coh_00"]
    assert found["is_bad"].sum() == (~known["is_positive"]).sum()


def test_without_a_promotion_the_rule_has_said_no_probability(settings: Settings) -> None:
    panel, targets = make_school(cohorts=1, learners=5)
    rows = prepare(panel)
    land(settings, rows, rows["as_of_date"].max(), "plain_rule", 0.5)
    assert _matured(settings, dt.date(2030, 1, 7), rows, targets).empty
