"""``simulate``: same dice, same school; tables as the systems declare them; nothing personal amiss."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from stdnum.be import nn

from passerelle.demo_school import DemoSchool, World, simulate, simulate_in_chunks
from passerelle.demo_school.systems import played_systems
from passerelle.errors import ConfigError
from passerelle.school import load_system

SYSTEMS = played_systems("ai_school")
TABLES = [f"{system}.{table}" for system in SYSTEMS for table in load_system("ai_school", system).tables]


def declared(name: str) -> tuple[list[str], str, dict[str, str]]:
    system, table = name.split(".")
    contract = load_system("ai_school", system).tables[table]
    known_at = "file_day" if contract.known_at == "file_date" else contract.known_at
    return list(contract.key), known_at, contract.columns


def test_same_seed_gives_the_same_school_and_another_seed_another(
    config: DemoSchool, small_world: World
) -> None:
    again = simulate(config, learners=500)
    assert set(again.tables) == set(TABLES)
    assert all(again.tables[name].equals(small_world.tables[name]) for name in TABLES)
    other = simulate(config, seed=config.seed + 1, learners=500)
    assert not other.tables["lms.attendance"].equals(small_world.tables["lms.attendance"])


@pytest.mark.parametrize("name", TABLES)
def test_table_is_as_its_system_declares_it(demo_world: World, name: str) -> None:
    table = demo_world.tables[name]
    key, known_at, columns = declared(name)
    assert [column for column in table.column_names if column != "file_day"] == list(columns)
    assert table.num_rows > 0
    frame = table.select(list(dict.fromkeys([*key, known_at]))).to_pandas()
    assert frame.notna().all(axis=None)
    assert not frame.duplicated().any()
    assert frame[known_at].is_monotonic_increasing


@pytest.mark.parametrize("name", TABLES)
def test_text_holds_no_national_number_and_nothing_like_one(demo_world: World, name: str) -> None:
    table = demo_world.tables[name]
    for column, kind in declared(name)[2].items():
        if kind == "text" and column != "phone":
            texts = [text for text in pa.array(table[column].to_pandas().unique()).to_pylist() if text]
            assert not [text for text in texts if re.search(r"\d{11}", re.sub(r"[ .\-/]", "", text))]
            assert not [text for text in texts if nn.is_valid(text)]


def test_names_are_multilingual_and_awkward(demo_world: World) -> None:
    people = demo_world.frame("sis.learner")
    last, first = set(people["last_name"]), set(people["first_name"])
    assert {"D'Hondt", "'t Jaeckx", "Van den Broeck", "Öztürk", "El Amrani", "Ionescu-Pop"} <= last
    assert {"Anne-Sophie", "Łukasz", "Loïc"} <= first
    assert people["email"].str.fullmatch(r"[a-z0-9.\-]+@learner\.example").all()
    assert not people.drop_duplicates("learner_no")["email"].duplicated().any()


@pytest.mark.parametrize(
    ("name", "column", "allowed"),
    [
        (
            "sis.enrolment_status",
            "status",
            {"enrolled", "started", "in_internship", "completed", "dropped_out", "excluded"},
        ),
        ("sis.internship", "status", {"offered", "running", "completed", "broken_off"}),
        ("sis.learner", "preferred_language", {"fr", "nl", "en"}),
        ("sis.learner", "gender", {"F", "M", "X"}),
        ("sis.learner", "nationality_group", {"BE", "EU", "non_EU"}),
        ("lms.attendance", "mark", {"present", "late", "excused", "absent"}),
        ("lms.attendance", "session_part", {"am", "pm"}),
        ("lms.assignment", "assignment_type", {"project", "quiz", "final"}),
        ("lms.submission", "grade", {"complete", "correct", "great", "incomplete"}),
        (
            "vdab.tewerkstelling",
            "contracttype",
            {"onbepaalde duur", "bepaalde duur", "interim", "IBO", "zelfstandige"},
        ),
        ("vdab.tewerkstelling", "maatregel", {"IBO"}),
        ("forem.insertion", "type_contrat", {"CDI", "CDD", "intérim", "PFI", "indépendant"}),
        ("actiris.sorties_uitstroom", "type_sortie_uitstroomtype", {"emploi/werk", "formation/opleiding"}),
        (
            "survey.followup",
            "situation",
            {"working", "self_employed", "further_training", "seeking", "not_seeking"},
        ),
    ],
)
def test_codes_are_those_of_the_contract(
    large_world: World, name: str, column: str, allowed: set[str]
) -> None:
    assert set(large_world.frame(name)[column].dropna().unique()) == allowed


def test_nothing_happens_on_the_platform_after_leaving_or_on_closed_days(demo_world: World) -> None:
    enrolments = demo_world.enrolments
    left = pd.Series(enrolments.left, index=enrolments.enrolment_no.to_pandas())
    for name, column in (("lms.attendance", "session_date"), ("lms.activity", "activity_date")):
        rows = demo_world.frame(name)
        days = pd.to_datetime(rows[column]).to_numpy().astype("datetime64[D]").astype(int)
        assert (days <= left.loc[rows["enrolment_no"].astype(str)].to_numpy()).all()
        if name == "lms.attendance":
            assert demo_world.play.calendar.is_open(days).all()


def test_nothing_is_recorded_before_it_happened(demo_world: World) -> None:
    happened = {
        "lms.attendance": "session_date",
        "lms.activity": "activity_date",
        "lms.submission": "submitted_date",
        "sis.support_action": "action_date",
        "vdab.tewerkstelling": "datum_in_dienst",
        "survey.followup": "answered_date",
    }
    for name, column in happened.items():
        rows = demo_world.frame(name).dropna(subset=[column])
        known = pd.to_datetime(rows[declared(name)[1]])
        assert (known >= pd.to_datetime(rows[column])).all(), name


def test_a_record_is_known_no_sooner_than_the_enrolment_that_it_belongs_to(demo_world: World) -> None:
    enrolments = demo_world.frame("sis.enrolment").drop_duplicates("enrolment_no").set_index("enrolment_no")
    learners = (
        demo_world.frame("sis.learner").drop_duplicates("learner_no").set_index("learner_no")["updated_at"]
    )
    assert (enrolments["updated_at"] >= learners.loc[enrolments["learner_no"]].to_numpy()).all()
    for name in ("sis.enrolment_status", "sis.caseload", "sis.support_action", "sis.internship"):
        rows = demo_world.frame(name)
        assert (rows["updated_at"] >= enrolments.loc[rows["enrolment_no"], "updated_at"].to_numpy()).all(), (
            name
        )


def test_a_hand_in_is_known_before_its_grade(demo_world: World) -> None:
    versions = demo_world.frame("lms.submission").groupby(["assignment_no", "enrolment_no"])
    assert versions["score_pct"].first().notna().all()
    assert versions["score_pct"].nth(0).isna().all()
    assert (versions.size() >= 2).all()


def test_learners_asked_for_are_the_learners_given(config: DemoSchool) -> None:
    for learners in (40, 333):
        world = simulate(config, learners=learners)
        assert len(world.enrolments) == learners


def test_parts_of_a_large_school_share_no_number(config: DemoSchool) -> None:
    parts = list(simulate_in_chunks(config, learners=150, chunk_size=60))
    assert [len(part.enrolments) for part in parts] == [60, 60, 30]
    for name in ("sis.learner", "sis.cohort", "sis.enrolment", "sis.caseload", "sis.coach", "lms.assignment"):
        numbers = [set(part.frame(name)[declared(name)[0][0]]) for part in parts]
        assert all(one.isdisjoint(other) for one, other in pairwise(numbers)), name


def test_too_many_learners_at_once_is_refused_with_a_remedy(config: DemoSchool) -> None:
    with pytest.raises(ConfigError, match="simulate_in_chunks"):
        simulate(config, learners=1_000_000)


def test_five_thousand_learners_take_seconds_not_minutes(config: DemoSchool) -> None:
    started = time.process_time()
    world = simulate(config, learners=5000)
    rows = sum(table.num_rows for table in world.tables.values())
    assert rows > 2_000_000
    assert time.process_time() - started < 25  # a loop over rows takes minutes


def test_support_actions_follow_low_engagement(large_world: World) -> None:
    journeys = large_world.enrolments.journeys
    acted = journeys.is_acted_on[:, 1:]
    assert journeys.engagement[:, :-1][acted].mean() < journeys.engagement[:, :-1][~acted].mean() - 0.3
    assert 0.3 < len(large_world.frame("sis.support_action")) / len(large_world.enrolments) < 3
    assert np.isfinite(journeys.engagement).all()
