"""How sure a score is: the whole training again in each draw, bands that narrow with more cohorts, the cut."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from habit_school import School, make_school
from support_need.evaluate import labelled_cases
from support_need.pipeline import FittedModel, FittedTarget, fit, prepare
from support_need.score import score
from support_need.ship import ship
from support_need.spec import BASELINES, CANDIDATES, PLAIN_RULE, SMALL, Choices
from support_need.uncertainty import RESAMPLES, bands, draws, listed_share, refits, said_in_draws

CHOICES = Choices(
    as_of=dt.date(2030, 1, 7),
    targets=("completes",),
    ranked_by="completes",
    days=(28,),
    min_mature_enrolments=100,
    capacity=6,
)


def cases_of(school: School) -> tuple[pd.DataFrame, pd.DataFrame]:
    return labelled_cases(prepare(school[0]).assign(places=0.2), school[1], target="completes")


def fitted_on(cohorts: int) -> tuple[FittedTarget, pd.DataFrame]:
    panel, targets = make_school(cohorts=cohorts, learners=120)
    panel = panel[panel["week_of_training"].isin([4, 5])]
    cases, calendar = cases_of((panel, targets))
    plain = fit(SMALL, cases)
    again = refits(cases, calendar, choices=CHOICES)
    return FittedTarget(plain.candidate, plain.stages, refits=again), prepare(panel)


@pytest.fixture(scope="module")
def few() -> tuple[FittedTarget, pd.DataFrame]:
    return fitted_on(4)


@pytest.fixture(scope="module")
def torn() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two early classes are all that there is to learn from when the later ones are judged, and the second misleads."""
    panel, targets = make_school(cohorts=8, learners=100)
    number = targets["enrolment_id"].str[4:6].astype(int)
    targets = targets.assign(
        is_positive=targets["is_positive"] ^ (number == 1),
        known_at=targets["known_at"].where(number < 2, pd.Timestamp("2023-01-02")),
    )
    return cases_of((panel[panel["week_of_training"] == 4], targets))


@pytest.fixture(scope="module")
def newest(few) -> pd.DataFrame:
    rows = few[1]
    return rows[rows["as_of_date"] == rows["as_of_date"].max()]


def test_a_band_holds_the_score_and_has_a_width(few):
    own = few[0].probability(few[1])
    low, high = bands(said_in_draws(*few), own)
    assert ((low <= own) & (own <= high)).all()
    assert (high - low).mean() > 0.01
    assert ((low >= 0) & (high <= 1)).all()


def test_more_cohorts_make_narrower_bands(few):
    def width(fitted: FittedTarget, rows: pd.DataFrame) -> float:
        low, high = bands(said_in_draws(fitted, rows), fitted.probability(rows))
        return float((high - low).mean())

    assert width(*fitted_on(12)) < 0.9 * width(*few)


def test_the_same_cases_give_the_same_refits(few):
    assert fitted_on(4)[0] == few[0]
    assert len(few[0].refits) == RESAMPLES


def test_a_draw_whose_classes_make_another_candidate_win_ships_that_one(torn):
    """What was said of the later classes is said anew: by what is learned from the early ones that the draw holds."""
    assert ship(*torn, choices=CHOICES).fitted.candidate == PLAIN_RULE
    won: dict[str, set[str]] = {}
    again = refits(*torn, choices=CHOICES)
    for (_, calendar), one in zip(draws(*torn, choices=CHOICES), again, strict=True):
        early = {name for name in ("coh_00", "coh_01") if calendar.index.str.startswith(name).any()}
        won.setdefault("+".join(sorted(early)), set()).add(one.candidate)
    assert won["coh_00"] == {SMALL}
    assert won["coh_01"] == won["coh_00+coh_01"] == won[""] == {PLAIN_RULE}


def test_who_may_compete_is_decided_in_each_draw_by_the_learners_that_it_holds(torn):
    """Two classes of eight are large: with neither the learners do not reach for any model."""
    cases, calendar = torn
    large = cases["cohort_id"].isin(["coh_00", "coh_01"])
    thinned = cases[large | (cases["enrolment_id"].astype(str).str[-1] == "0")]
    found = ship(thinned, calendar, choices=CHOICES)
    assert found.competitors[CANDIDATES.index(SMALL)]["learners_found"] == 260
    counts = [
        (len(rows), one["learners_found"], one["may_compete"])
        for rows, when in draws(thinned, calendar, choices=CHOICES)
        for one in ship(rows, when, choices=CHOICES, judges_all=False).competitors
        if one["candidate"] == SMALL
    ]
    assert all(rows == learners for rows, learners, _ in counts)
    assert {may for _, _, may in counts} == {True, False}


def test_a_class_drawn_twice_is_two_classes_and_its_learners_two_people(torn):
    cases, calendar = torn
    for rows, when in draws(cases, calendar, choices=CHOICES):
        assert len(when) == len(calendar) == rows["cohort_id"].nunique()
        sizes = rows.groupby("cohort_id", observed=True)["enrolment_id"].nunique()
        assert (sizes == when["enrolments_count"].reindex(sizes.index)).all()
        assert rows["enrolment_id"].nunique() == sizes.sum()
    every = [tuple(when.index) for _, when in draws(cases, calendar, choices=CHOICES)]
    assert len(set(every)) == RESAMPLES
    assert max(Counter(name.split("#")[0] for name in every[0]).values()) > 1


def test_a_class_whose_outcomes_are_not_known_is_never_drawn(torn):
    cases, calendar = torn
    known = calendar.assign(learnable_at=calendar["learnable_at"].where(calendar.index != "coh_07"))
    assert all(
        not when.index.str.startswith("coh_07").any() for _, when in draws(cases, known, choices=CHOICES)
    )


def test_leaving_out_those_who_may_not_compete_changes_nothing_of_what_ships(torn):
    every = ship(*torn, choices=CHOICES)
    fewer = ship(*torn, choices=CHOICES, judges_all=False)
    assert set(CANDIDATES) - set(fewer.judged) == {
        row["candidate"] for row in every.competitors if not row["may_compete"]
    }
    assert fewer.fitted == every.fitted
    assert set(BASELINES) < set(fewer.judged)


def test_the_shares_of_a_list_add_up_to_the_coachs_hours(few, newest):
    owner = pd.Series("coach", index=newest["enrolment_id"].astype(str))
    share = listed_share(said_in_draws(few[0], newest), newest, owner=owner, capacity=6)
    assert share.sum() == pytest.approx(6)
    probability = few[0].probability(newest)
    assert share[probability.argmax()] > share[np.argsort(probability)[len(newest) // 2]]


def test_some_are_near_the_cut_and_most_are_not(few, newest):
    owner = pd.Series("coach", index=newest["enrolment_id"].astype(str))
    share = listed_share(said_in_draws(few[0], newest), newest, owner=owner, capacity=6)
    near = (share > 0.15) & (share < 0.85)
    assert 0 < near.sum() < len(newest) / 2


def test_a_stored_model_keeps_its_refits(few):
    assert FittedTarget.from_dict(json.loads(json.dumps(few[0].as_dict()))) == few[0]


def test_without_refits_nothing_is_claimed(few, newest):
    bare = FittedTarget(few[0].candidate, few[0].stages)
    owner = pd.Series("coach", index=newest["enrolment_id"].astype(str))
    said, own = said_in_draws(bare, newest), bare.probability(newest)
    assert np.isnan(
        np.concatenate([*bands(said, own), listed_share(said, newest, owner=owner, capacity=6)])
    ).all()
    assert refits(*cases_of(make_school(cohorts=1)), choices=CHOICES) == ()


@pytest.fixture(scope="module")
def monday() -> pd.DataFrame:
    panel, _ = make_school(cohorts=4, learners=120)
    return panel[panel["week_of_training"] == 5]


def scored(fitted: FittedTarget, monday: pd.DataFrame, *, among: pd.Index | None = None, hours: int = 6):
    """Scores by enrolment, where one coach follows all, or some of them."""
    owner = pd.Series("coach", index=monday["enrolment_id"] if among is None else among)
    model = FittedModel(by_target={"completes": fitted}, ranked_by="completes")
    return score(model, monday, model_version="v", owner=owner, capacity=hours).set_index("enrolment_id")


def test_a_score_file_carries_band_and_share(few, monday):
    scores = scored(few[0], monday)
    assert scores["probability_low"].le(scores["score_probability"]).all()
    assert scores["probability_high"].ge(scores["score_probability"]).all()
    assert scores.groupby("as_of_date")["listed_share"].sum().to_numpy() == pytest.approx(6)


def test_who_has_nothing_to_be_named_for_takes_no_place_in_any_draw(few, monday):
    scores = scored(few[0], monday, hours=len(monday))
    nothing = scores["reason_1_code"].isna()
    assert 0 < nothing.sum() < len(monday)
    assert scores.loc[nothing, "listed_share"].eq(0).all()
    assert scores.loc[~nothing, "listed_share"].eq(1).all()


def test_who_is_on_nobodys_list_this_week_leaves_the_places_to_others(few, monday):
    before = scored(few[0], monday)["listed_share"]
    contacted = before.nlargest(2).index
    after = scored(few[0], monday, among=before.index.difference(contacted))["listed_share"]
    assert before[contacted].gt(0).all()
    assert after[contacted].eq(0).all()
    assert after.sum() == pytest.approx(before.sum())


def test_without_knowing_whose_list_it_is_nobodys_share_is_known(few, monday):
    model = FittedModel(by_target={"completes": few[0]}, ranked_by="completes")
    assert score(model, monday, model_version="v")["listed_share"].isna().all()
