"""What outsiders see: nobody can work back from it to a small count, within one Monday or between two."""

from __future__ import annotations

import re
from random import Random

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
WHOLE = ("all", "all")
Name = tuple[str, str]
#: The exact cells of a Monday, and what is published of them.
Monday = tuple[pd.DataFrame, pd.DataFrame]


def _published(learners: pd.DataFrame) -> Monday:
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


def _facts(
    names: list[Name], published: pd.DataFrame, count: str, rounding: int
) -> list[tuple[np.ndarray, int, int]]:
    """What one publication gives away of the exact counts: coefficients by segment, the least and the most.

    The outsider knows which segments exist, that each breakdown adds up to the same whole, how counts are rounded,
    and by name which segments stand alone.
    """
    alone = {(row.segment_kind, row.segment_value) for row in published.itertuples()}
    facts = []
    for shown in published.to_dict("records"):
        inside = [
            name == (shown["segment_kind"], shown["segment_value"])
            or (shown["segment_value"] == POOL and name[0] == shown["segment_kind"] and name not in alone)
            for name in names
        ]
        facts.append((np.array(inside, dtype=float), shown[count] - rounding, shown[count] + rounding))
    parts = [np.array([(name[0] == kind) - (name == WHOLE) for name in names], dtype=float) for kind in KINDS]
    return facts + [(each, 0, 0) for each in parts]


def _bounds(
    mondays: list[Monday], count: str, *, rounding: int = 2, only_small: bool = False
) -> dict[tuple[int, Name], tuple[int, int]]:
    """The least and the most that an outsider can prove of each exact count, by number of the Monday and segment.

    Of successive Mondays the outsider also knows how many people came to the whole in between, and that nobody went.
    """
    sizes = [exact.set_index(["segment_kind", "segment_value"])[count] for exact, _ in mondays]
    names: list[Name] = sorted({name for cells in sizes for name in cells.index})
    monday, segment = np.eye(len(mondays)), np.eye(len(names))
    facts = [
        (np.kron(monday[number], row), low, high)
        for number, (_, published) in enumerate(mondays)
        for row, low, high in _facts(names, published, count, rounding)
    ]
    for number in range(1, len(mondays)):
        came = int(sizes[number][WHOLE] - sizes[number - 1][WHOLE])
        for place, name in enumerate(names):
            change = np.kron(monday[number] - monday[number - 1], segment[place])
            facts.append((change, came if name == WHOLE else 0, came))
    given_away = LinearConstraint(*map(np.array, zip(*facts, strict=True)))
    found = {}
    for number, place in np.ndindex(len(mondays), len(names)):
        if only_small and not 0 < sizes[number].get(names[place], 0) <= SMALL:
            continue
        aim = np.kron(monday[number], segment[place])
        ends = [milp(side * aim, constraints=given_away, integrality=np.ones(len(aim))) for side in (1, -1)]
        assert {end.status for end in ends} <= {0, 3}, "what is published contradicts itself"
        if any(end.x is None for end in ends):
            continue  # without an upper end nothing is proven
        least, most = (round(float(aim @ end.x)) for end in ends)
        found[number, names[place]] = (least, most)
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
def test_no_count_can_be_worked_back_from_what_is_published(learners: pd.DataFrame):
    monday = exact, published = _published(learners)
    assume(len(published))
    assert (published["eligible_count"] >= 20).all()
    for count in COUNTS:
        sizes = exact.set_index(["segment_kind", "segment_value"])[count]
        proven = _bounds([monday], count).items()
        assert {name for (_, name), (least, most) in proven if least == most and sizes[name] > 0} == set()


@settings(max_examples=10, deadline=None)
@given(schools, st.lists(st.integers(0, SMALL), min_size=2, max_size=2), st.randoms(use_true_random=False))
def test_no_small_count_can_be_worked_back_from_successive_mondays_together(
    learners: pd.DataFrame, newcomers: list[int], random: Random
):
    order = random.sample(range(len(learners)), len(learners))
    known = [len(learners) - left for left in (sum(newcomers), newcomers[1], 0)]
    mondays = [_published(learners.iloc[order[:count]]) for count in known]
    assume(all(len(published) for _, published in mondays))
    for count in COUNTS:
        proven = _bounds(mondays, count, only_small=True)
        assert {where for where, (least, most) in proven.items() if least == most} == set()


def test_the_attack_finds_a_hidden_count_in_figures_that_are_only_blanked():
    exact, _ = _published(_school(1, 200, 3))
    bare = exact[exact["segment_value"] != "gender 0"]
    assert _bounds([(exact, bare)], COUNTS[0], rounding=0)[0, ("gender", "gender 0")] == (3, 3)


def test_the_attack_carries_what_one_monday_gave_away_to_another():
    exact, _ = _published(_school(1, 200, 3))
    bare = exact[exact["segment_value"] != "gender 0"]
    silent = exact[exact["segment_kind"] != "gender"]
    alone, together = ([(exact, silent)], [(exact, bare), (exact, silent)])
    assert _bounds(alone, COUNTS[0], rounding=0)[0, ("gender", "gender 0")] == (0, 200)
    assert _bounds(together, COUNTS[0], rounding=0)[1, ("gender", "gender 0")] == (3, 3)
