"""What outsiders see: nobody can work back from it to a small count, within one Monday or between two."""

from __future__ import annotations

import re

import duckdb
import jinja2
import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from passerelle.settings import PROJECT_DIR

COUNTS = ["eligible_count", "placed_count", "placed_or_unknown_count"]
SMALL = 4
KINDS = {"gender": 3, "campus": 6, "age_band": 3, "training": 10}
POOL = "others together"


def _published(learners: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The exact cells, and what the real SQL publishes of them."""
    wholes = [learners.assign(segment_kind="all", segment_value="all")]
    parts = [learners.assign(segment_kind=kind, segment_value=learners[kind]) for kind in KINDS]
    counted = pd.concat([*wholes, *parts]).groupby(["segment_kind", "segment_value"], as_index=False)
    exact = counted.agg(
        eligible_count=("is_placed", "size"),
        placed_count=("is_placed", "sum"),
        placed_or_unknown_count=("is_placed_or_unknown", "sum"),
    ).assign(definition_id="promise")
    text = (PROJECT_DIR / "dbt" / "macros" / "public_cells.sql").read_text()
    sql = jinja2.Environment().from_string(text).module.public_cells("exact", ["definition_id"], COUNTS)
    with duckdb.connect() as connection:
        connection.register("exact", exact)
        return exact, connection.sql(re.sub(r"\n\s*\n", "\n", sql)).df()


def _bounds(
    exact: pd.DataFrame, published: pd.DataFrame, count: str, *, rounding: int = 2
) -> dict[tuple[str, str], tuple[int, int]]:
    """The least and the most that an outsider can prove of each exact count.

    The outsider knows which segments exist, that each breakdown adds up to the same whole, how counts are rounded,
    and by name which segments stand alone.
    """
    names = [(str(row.segment_kind), str(row.segment_value)) for row in exact.itertuples()]
    alone = {(row.segment_kind, row.segment_value) for row in published.itertuples()}
    rows, low, high = [], [], []
    for shown in published.to_dict("records"):
        inside = [
            name == (shown["segment_kind"], shown["segment_value"])
            or (shown["segment_value"] == POOL and name[0] == shown["segment_kind"] and name not in alone)
            for name in names
        ]
        rows.append(np.array(inside, dtype=float))
        low.append(shown[count] - rounding)
        high.append(shown[count] + rounding)
    for kind in KINDS:
        rows.append(np.array([(name[0] == kind) - (name[0] == "all") for name in names], dtype=float))
        low.append(0)
        high.append(0)
    given_away = LinearConstraint(np.array(rows), low, high)
    found = {}
    for place, name in enumerate(names):
        aim = np.eye(len(names))[place]
        ends = [milp(side * aim, constraints=given_away, integrality=np.ones(len(names))) for side in (1, -1)]
        assert {end.status for end in ends} <= {0, 3}, "what is published contradicts itself"
        if any(end.x is None for end in ends):
            continue  # without an upper end nothing is proven
        least, most = (round(float(end.x[place])) for end in ends)
        found[name] = (least, most)
    return found


def _school(seed: int, size: int, small: int) -> pd.DataFrame:
    """Learners whose rarest segments have only a few people."""
    random = np.random.default_rng(seed)
    frame = {}
    for kind, values in KINDS.items():
        chosen = random.integers(1, values, size=size) if values > 2 else np.ones(size, dtype=int)
        chosen[random.choice(size, size=small, replace=False)] = 0
        frame[kind] = [f"{kind} {value}" for value in chosen]
    learners = pd.DataFrame(frame)
    learners["is_placed"] = random.random(size) < 0.7
    learners["is_placed_or_unknown"] = learners["is_placed"] | (random.random(size) < 0.1)
    return learners


schools = st.builds(_school, st.integers(0, 10_000), st.integers(60, 400), st.integers(1, SMALL))


@settings(max_examples=25, deadline=None)
@given(schools)
def test_no_small_count_can_be_worked_back_from_what_is_published(learners: pd.DataFrame):
    exact, published = _published(learners)
    assume(len(published))
    assert (published["eligible_count"] >= 20).all()
    for count in COUNTS:
        proven = _bounds(exact, published, count)
        sizes = exact.set_index(["segment_kind", "segment_value"])[count]
        assert {name for name, (least, most) in proven.items() if least == most and sizes[name] > 0} == set()


@settings(max_examples=10, deadline=None)
@given(schools, st.integers(0, SMALL))
def test_what_changed_between_two_mondays_cannot_be_told_from_the_difference(
    learners: pd.DataFrame, newcomers: int
):
    before, seen_before = _published(learners)
    after, seen_after = _published(pd.concat([learners, learners.head(newcomers)]))
    assume(len(seen_before) and len(seen_after))
    first, second = _bounds(before, seen_before, COUNTS[0]), _bounds(after, seen_after, COUNTS[0])
    exactly = [
        {name for name, (least, most) in proven.items() if least == most} for proven in (first, second)
    ]
    told = exactly[0] & exactly[1]
    assert told == set()


def test_the_attack_finds_a_hidden_count_in_figures_that_are_only_blanked():
    exact, _ = _published(_school(1, 200, 3))
    bare = exact[exact["segment_value"] != "gender 0"]
    assert _bounds(exact, bare, COUNTS[0], rounding=0)["gender", "gender 0"] == (3, 3)
