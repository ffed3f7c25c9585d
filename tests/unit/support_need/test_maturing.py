"""Placement as a discrete-time hazard: months of those who left, right-censored, with dropout as the competing end."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from lifelines import AalenJohansenFitter
from scipy.special import expit, logit

from habit_school import School
from support_need import candidates
from support_need.effects import Additive, Itself
from support_need.environment import Environment, baseline, fit_environment
from support_need.evaluate import labelled_cases
from support_need.features import FEATURE_NAMES
from support_need.maturing import as_known, by_month, settled
from support_need.pipeline import fit, prepare
from support_need.spec import CANDIDATES, LOGISTIC, PLAIN_RULE, Choices
from support_need.splits import learnable_cases
from support_need.train import train

HORIZON, HEARD_DAYS = 180, 20
#: The class of December 2020 left 112 days before: 92 of them have been told of, three whole months.
MONDAY = dt.date(2021, 9, 6)
MATURING = "coh_06"


def with_placements(school: School, *, seed: int = 3) -> School:
    """Give those who completed work, the sooner the more they attended; the last class finds it half as often."""
    panel, completes = school
    random = np.random.default_rng(seed)
    share = (panel["attended_half_days_count"] / panel["planned_half_days_count"]).groupby(
        panel["enrolment_id"]
    )
    attended = share.mean().reindex(completes["enrolment_id"]).to_numpy()
    is_late = completes["enrolment_id"].str.startswith("enr_06").to_numpy()
    hazard = np.clip(0.6 * (attended - 0.5), 0.02, 0.5) / np.where(is_late, 2, 1)
    day = 30 * random.geometric(hazard) - random.integers(1, 30, len(hazard))
    done = completes["is_positive"].to_numpy(dtype=bool)
    is_placed = done & (day <= HORIZON)
    left = completes["known_at"]
    work = left + pd.to_timedelta(np.minimum(day, HORIZON), unit="D")
    heard = work + pd.Timedelta(days=HEARD_DAYS)
    over = left + pd.Timedelta(days=HORIZON + 45)
    placed = completes.assign(
        target="placed",
        is_positive=is_placed,
        decided_date=work.where(done, left),
        known_at=heard.where(is_placed, over).where(done, left),
        clock_start_date=left,
    )
    return panel, pd.concat([completes, placed], ignore_index=True)


@pytest.fixture(scope="module")
def placing(school: School) -> School:
    return with_placements(school)


@pytest.fixture(scope="module")
def cases(placing: School) -> pd.DataFrame:
    """What may be learned from on the Monday, on one stage of the training."""
    return known(*placing)[lambda rows: rows["stage"] == 1]


def known(panel: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    rows = prepare(panel).assign(places=0.2)
    found, calendar = labelled_cases(rows, targets, target="placed", horizon_days=HORIZON)
    return learnable_cases(found, calendar, pd.Timestamp(MONDAY))


def learners(**columns: list[object]) -> pd.DataFrame:
    """Five of a class that ended on 1 May 2026, and one of a class before it, whose news took 30 days."""
    clock = ["2026-05-01"] * 5 + ["2025-05-01"]
    told = {
        "enrolment_id": ["at_once", "later", "waiting", "unheard", "dropped_out", "before"],
        "clock_start": pd.to_datetime(clock),
        "left_known_at": pd.to_datetime(["2026-05-01"] * 4 + ["2025-12-01", "2025-05-01"]),
        "found_day": [40.0, 95.0, np.nan, 10.0, np.nan, 20.0],
        "found_known_at": pd.to_datetime(
            ["2026-06-20", "2026-08-05", None, "2026-09-30", None, "2025-06-20"]
        ),
        "settles_at": pd.to_datetime([None] * 5 + ["2025-12-15"]),
        "horizon_days": HORIZON,
        "is_bad": [0.0, 0.0, np.nan, 0.0, 1.0, 0.0],
    }
    return pd.DataFrame(told | columns)


def test_the_worked_example_of_the_module():
    seen = as_known(learners(), pd.Timestamp("2026-09-08")).set_index("enrolment_id")
    assert seen["months_at_risk"].to_dict() == {
        "at_once": 2,
        "later": 3,
        "waiting": 3,
        "unheard": 3,
        "dropped_out": 3,
        "before": 1,
    }
    assert seen.index[seen["is_bad"] == 0].tolist() == ["at_once", "before"]
    assert seen.index[seen["is_settled"]].tolist() == ["before"]
    rows = by_month(seen.reset_index())
    assert rows.loc[rows["enrolment_id"] == "at_once", ["month", "is_bad"]].to_numpy().tolist() == [
        [0, 1.0],
        [1, 0.0],
    ]
    at_risk, without = (rows.groupby("month")["is_bad"].agg(how) for how in ("size", "sum"))
    assert (at_risk.tolist(), without.tolist()) == ([6, 5, 4], [5.0, 4.0, 4.0])
    overall, months = baseline(rows, np.ones(len(rows)))
    rate = 13 / 15
    assert expit(overall) == pytest.approx(rate)
    assert expit(overall + np.array(months)[:3]) == pytest.approx(
        [(5 + rate) / 7, (4 + rate) / 6, (4 + rate) / 5]
    )


def test_nobody_is_waited_for_and_nobody_guessed_before_the_news_of_a_month_can_have_come():
    late = pd.Timestamp("2026-06-29")  # 59 days on, 29 of them told
    assert as_known(learners(), late)["enrolment_id"].tolist() == ["before"]
    assert len(as_known(learners(), pd.Timestamp("2026-06-30"))) == 6
    nobody_told = learners(settles_at=pd.to_datetime([None] * 6))
    assert as_known(nobody_told, pd.Timestamp("2026-09-08")).empty


def test_the_product_over_the_months_is_the_probability_and_moving_its_level_leaves_every_term():
    rows = pd.DataFrame({"training_id": ["t"], "campus": ["c"]})
    model = Additive(0.4, {"environment": Itself()}, Environment(1.0, {}, {}, {}), months=(0.6, 0.0))
    assert model.probability(rows) == pytest.approx(expit(2.0) * expit(1.4))
    moved = model.moved(0.3)
    assert logit(moved.probability(rows)) == pytest.approx(logit(model.probability(rows)) + 0.3)
    assert moved.contributions(rows).equals(model.contributions(rows))
    (certain,) = Additive(60.0, {}, months=(0.0,) * 6).probability(rows)
    assert certain == pytest.approx(1.0)


def test_without_inputs_the_months_give_the_incidence_of_aalen_and_johansen():
    """Dropouts end before the first month; classes are followed for one to six months, whatever became of whom."""
    random = np.random.default_rng(5)
    size = 6000
    followed = random.integers(1, 7, size)
    dropped, found = random.random(size) < 0.25, random.geometric(0.2, size)
    placed = ~dropped & (found <= followed)
    rows = by_month(
        pd.DataFrame(
            {
                "months_at_risk": np.where(placed, found, followed),
                "is_bad": 1.0 - placed,
                "horizon_days": HORIZON,
            }
        )
    )
    overall, months = baseline(rows, np.ones(len(rows)))
    ours = 1 - np.cumprod(expit(overall + np.array(months)))
    end = np.where(dropped, 0.5, np.where(placed, found, followed + 0.5))
    time = end - random.uniform(0, 1e-6, size)  # no two at once
    theirs = AalenJohansenFitter(calculate_variance=False).fit(
        time, np.where(dropped, 2, placed), event_of_interest=1
    )
    curve = theirs.cumulative_density_.iloc[:, 0]
    assert ours == pytest.approx([curve.loc[:month].iloc[-1] for month in range(1, 7)], abs=0.01)


def test_without_a_prior_the_weights_and_months_are_those_of_statsmodels(cases, monkeypatch):
    monkeypatch.setattr(candidates, "MONTH_SCALE", 1e3)
    used = ("absence_recent", "score_level")
    model = candidates.fit_logistic(cases, without=set(FEATURE_NAMES).difference(used), prior_scale=1e3)
    rows = by_month(cases)
    weight = candidates.weights(rows)
    environment = fit_environment(rows, weight)
    inputs = [model.effects[name].contribution(rows[name].to_numpy()) for name in used]
    design = np.column_stack([np.eye(6)[rows["month"]], *inputs])
    theirs = sm.GLM(
        rows["is_bad"],
        design,
        family=sm.families.Binomial(),
        freq_weights=weight,
        offset=environment.logits(rows),
    ).fit()
    assert theirs.params.to_numpy()[:6] == pytest.approx(model.intercept + np.array(model.months), abs=1e-3)
    assert theirs.params.to_numpy()[6:] == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("name", CANDIDATES)
def test_every_candidate_has_a_level_for_each_month_and_survives_the_trip_through_plain_numbers(cases, name):
    model = candidates.FIT[name](cases).moved(0.1)
    assert len(model.months) == 6
    again = Additive.from_dict(json.loads(json.dumps(model.as_dict())))
    assert (again.probability(cases) == model.probability(cases)).all()
    without = 1 - settled(cases).groupby("enrolment_id", observed=True)["is_bad"].first().mean()
    assert 1 - model.moved(-0.1).probability(settled(cases)).mean() == pytest.approx(without, abs=0.05)


def test_the_tables_of_the_boosting_and_its_months_are_the_boosting(cases, fit_boosting):
    model, boosting, codes = fit_boosting(cases)
    rows = by_month(cases)
    monthly = expit(model.sums(rows) + np.array(model.months)[rows["month"]])
    assert monthly == pytest.approx(boosting.predict_proba(codes)[:, 1], rel=1e-9)


def test_a_class_that_is_still_maturing_moves_the_fit_towards_what_it_shows_so_far(placing):
    panel, targets = placing
    learned, others = (known(rows, targets) for rows in (panel, panel[panel["cohort_id"] != MATURING]))
    of_class = learned[learned["cohort_id"] == MATURING]
    assert not of_class["is_settled"].any()
    assert set(of_class["months_at_risk"]) == {1, 2, 3}
    said, without = (fit(LOGISTIC, rows).probability(of_class).mean() for rows in (learned, others))
    assert said > without + 0.01  # they find work half as often


@pytest.mark.parametrize("name", CANDIDATES)
def test_nothing_that_was_known_later_changes_a_fit(placing, name):
    panel, targets = placing
    later = targets["known_at"] >= pd.Timestamp(MONDAY)
    assert later.sum() > 30
    other = targets.assign(
        is_positive=targets["is_positive"] ^ later,
        decided_date=targets["decided_date"].where(~later, targets["clock_start_date"]),
        known_at=targets["known_at"].where(~later, targets["known_at"] + pd.Timedelta(days=9)),
    )
    assert fit(name, known(panel, other)).as_dict() == fit(name, known(*placing)).as_dict()


def test_a_training_on_placements_judges_the_mature_and_learns_from_all(placing):
    choices = Choices(
        as_of=MONDAY,
        targets=("placed",),
        ranked_by="placed",
        days=(28,),
        min_mature_enrolments=80,
        capacity=6,
        horizon_days=HORIZON,
    )
    found, waiting = (
        train(*placing, choices=each) for each in (choices, replace(choices, horizon_days=None))
    )
    assert found.data["placed"].cohorts_count == 7
    assert waiting.data["placed"].cohorts_count == 6
    assert found.data["placed"].bad_share == waiting.data["placed"].bad_share
    judged, same = (each.judged["placed"] for each in (found, waiting))
    assert judged["enrolment_id"].tolist() == same["enrolment_id"].tolist()
    fitted = found.model.by_target["placed"]
    assert fitted.candidate == PLAIN_RULE or fitted.stages[0].months
    assert found.model.from_dict(json.loads(json.dumps(found.model.as_dict()))) == found.model
