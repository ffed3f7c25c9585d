"""What a gate stops, what it lets pass with a warning, and what it tells."""

from __future__ import annotations

import datetime as dt
import pickle
import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from passerelle import gates
from passerelle.errors import ConfigError, GateFailure
from passerelle.gates.findings import GateResult
from passerelle.settings import Settings

DAY = dt.date(2026, 11, 23)
FRIDAY = pd.Timestamp("2026-11-20 14:00")
ADVICE = {"why": "Because a coach would call the wrong person."}
MARKS = {
    "type": "expect_column_values_to_be_in_set",
    "kwargs": {"column": "mark", "value_set": ["present", "absent"]},
    "severity": "critical",
    "meta": ADVICE | {"fix": "Ask the platform's administrator."},
}
FRESH = {
    "type": "expect_column_max_to_be_between",
    "kwargs": {"column": "_known_at", "min_value": {"$PARAMETER": "fresh_from_attendance"}},
    "severity": "warning",
    "meta": ADVICE,
}
FIRST_LOAD = {
    "type": "expect_table_row_count_to_be_between",
    "kwargs": {"min_value": {"$PARAMETER": "1 - landed_row_count"}},
    "severity": "critical",
    "meta": ADVICE,
}
WHOLE = FIRST_LOAD | {"kwargs": {"min_value": {"$PARAMETER": "0.9 * landed_row_count"}}}
IN_TIME = {
    "type": "expect_column_pair_values_a_to_be_greater_than_b",
    "kwargs": {"column_A": "_known_at", "column_B": "session_date", "or_equal": True},
    "severity": "warning",
    "meta": ADVICE,
}


class World:
    """One table with the suite that a test gives it, in a state folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.suites = folder / "expectations"
        self.settings = Settings(home=folder / "home")
        (self.suites / "raw").mkdir(parents=True)

    def promise(self, *expectations: Mapping[str, Any], table: str = "lms.attendance") -> None:
        stem = table.replace(".", "__")
        about = {
            "name": stem,
            "table": table,
            "why": "Half-days present or missed.",
            "fix": "Ask for a correct export.",
        }
        suite = about | {"expectations": list(expectations)}
        (self.suites / "raw" / f"{stem}.yml").write_text(yaml.safe_dump(suite))

    def check(self, frame: pd.DataFrame, *, table: str = "lms.attendance", **told: Any) -> GateResult:
        return self.check_all({table: frame}, **told)

    def check_all(self, frames: Mapping[str, pd.DataFrame], **told: Any) -> GateResult:
        world = {"settings": self.settings, "folder": self.suites}
        return gates.check("raw", school="ai_school", frames=frames, day=DAY, **world, **told)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def marks(*values: str | None) -> pd.DataFrame:
    return pd.DataFrame({"mark": pd.Series(values, dtype="str"), "_known_at": FRIDAY})


def test_an_unknown_code_stops_the_line_and_the_message_says_all_that_is_needed(world: World) -> None:
    world.promise(MARKS)
    with pytest.raises(GateFailure) as stopped:
        world.check(marks("present", "here", None, "here"))
    told = str(stopped.value)
    for needed in (
        "lms.attendance, mark",
        "'here' in 2 of 4 rows",
        "present, absent",
        ADVICE["why"],
        "Ask the platform's administrator.",
        str(world.settings.part("gates", "raw", "index.html")),
    ):
        assert needed in told
    assert stopped.value.exit_code == 4
    assert str(pickle.loads(pickle.dumps(stopped.value))) == told


def test_all_that_is_critical_is_told_at_once(world: World) -> None:
    world.promise(MARKS, MARKS | {"kwargs": {"column": "part", "value_set": ["am", "pm"]}})
    with pytest.raises(GateFailure) as stopped:
        world.check(marks("here").assign(part="night"))
    assert "'here'" in str(stopped.value)
    assert "'night'" in str(stopped.value)


def test_a_warning_lets_pass_and_is_carried(world: World) -> None:
    world.promise(MARKS | {"severity": "warning"})
    result = world.check(marks("here"))
    assert result.passed
    assert result.as_dict()["warnings"] == [
        "lms.attendance, mark: 'here' in 1 of 1 rows; allowed: present, absent. Ask the platform's administrator."
    ]


def test_what_is_only_informative_neither_stops_nor_warns(world: World) -> None:
    world.promise(MARKS | {"severity": "info"})
    assert world.check(marks("here")).as_dict()["warnings"] == []


def test_a_column_that_is_missing_is_named(world: World) -> None:
    world.promise(MARKS)
    with pytest.raises(GateFailure, match=r"lms\.attendance, mark: the column is missing"):
        world.check(marks("present").drop(columns="mark"))


def test_at_most_five_values_are_shown_and_long_ones_are_cut(world: World) -> None:
    world.promise(MARKS)
    with pytest.raises(GateFailure) as stopped:
        world.check(marks(*"abcdefgh", "x" * 500))
    assert "'a', 'b', 'c', 'd', 'e', ... in 9 of 9 rows" in str(stopped.value)
    assert "x" * 50 not in str(stopped.value)


def test_a_night_without_new_rows_passes(world: World) -> None:
    world.promise(MARKS, FIRST_LOAD, WHOLE, FRESH)
    result = world.check(marks(), landed={"lms.attendance": gates.Landed(10_000, FRIDAY)})
    assert result.as_dict()["warnings"] == []


def test_a_first_load_without_rows_stops(world: World) -> None:
    world.promise(FIRST_LOAD)
    with pytest.raises(GateFailure, match=re.escape("lms.attendance: 0 rows")):
        world.check(marks())


@pytest.mark.parametrize(("rows", "passes"), [(90, True), (89, False), (300, True)])
def test_a_whole_file_that_comes_back_much_smaller_stops(world: World, rows: int, passes: bool) -> None:
    world.promise(WHOLE)
    frame = marks(*["present"] * rows)
    if passes:
        assert world.check(frame, landed={"lms.attendance": gates.Landed(100)}).passed
    else:
        with pytest.raises(GateFailure, match=r"89 rows\n.*90 or more rows"):
            world.check(frame, landed={"lms.attendance": gates.Landed(100)})


@pytest.mark.parametrize(("newest", "is_stale"), [("2026-11-19 23:00", False), ("2026-11-19 22:59", True)])
@pytest.mark.parametrize("comes", ["with the load", "with an earlier load"])
def test_a_source_that_has_stopped_is_a_warning(
    world: World, newest: str, is_stale: bool, comes: str
) -> None:
    world.promise(FRESH, MARKS)
    known_at = pd.Timestamp(newest)
    if comes == "with the load":
        result = world.check(marks("present").assign(_known_at=known_at))
    else:
        result = world.check(marks(), landed={"lms.attendance": gates.Landed(1, known_at)})
    assert result.passed
    told = f"lms.attendance, _known_at: {known_at}; allowed: 2026-11-19 23:00:00 or later"  # UTC: midnight in Brussels
    assert [line.startswith(told) for line in result.as_dict()["warnings"]] == ([True] if is_stale else [])


@pytest.mark.parametrize(("shares", "warned"), [([None, None], False), ([0.99, None], True)])
def test_a_mean_is_only_asked_of_a_column_that_has_values(
    world: World, shares: list[float | None], warned: bool
) -> None:
    mean = {"column": "placed_share_lower", "min_value": 0.2, "max_value": 0.95}
    world.promise(MARKS | {"type": "expect_column_mean_to_be_between", "kwargs": mean, "severity": "warning"})
    result = world.check(pd.DataFrame({"placed_share_lower": pd.array(shares, dtype="Float64")}))
    assert bool(result.as_dict()["warnings"]) is warned


def test_the_data_docs_can_print_a_mean(world: World, caplog: pytest.LogCaptureFixture) -> None:
    mean = {"column": "score", "min_value": 0, "max_value": 1}
    world.promise(MARKS | {"type": "expect_column_mean_to_be_between", "kwargs": mean})
    world.check(pd.DataFrame({"score": [0.25, 0.5]}))
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


def test_days_as_python_dates_compare_with_moments(world: World) -> None:
    world.promise(IN_TIME)
    days = [dt.date(2026, 11, 20), dt.date(2026, 11, 21)]
    result = world.check(marks("present", "present").assign(session_date=pd.Series(days, dtype=object)))
    assert [finding.found.endswith("in 1 of 2 rows") for finding in result.warnings] == [True]


def test_a_table_without_a_suite_is_said_to_be_unchecked(world: World) -> None:
    world.promise(MARKS)
    result = world.check(marks("anything"), table="lms.forum")
    assert result.as_dict()["warnings"] == ["lms.forum: no suite in expectations/raw, so nothing was checked"]


def test_a_table_may_be_named_with_a_dot_or_as_its_suite(world: World) -> None:
    world.promise(MARKS)
    assert len(world.check(marks("present"), table="lms__attendance").tables) == 1


def test_data_docs_tell_what_was_looked_at_and_need_no_network(world: World) -> None:
    world.promise(MARKS)
    world.promise(MARKS, table="lms.forum")
    frames = {"lms.attendance": marks("present"), "lms.forum": marks("<b>here</b>")}
    with pytest.raises(GateFailure):
        world.check_all(frames)
    folder = world.settings.part("gates", "raw")
    pages = {path.name: path.read_text() for path in folder.iterdir()}
    assert sorted(pages) == ["index.html", "lms__attendance.html", "lms__forum.html"]
    assert "nothing passes" in pages["index.html"]
    assert 'href="lms__forum.html"' in pages["index.html"]
    assert "1 unexpected values found" in pages["lms__forum.html"]
    for page in pages.values():
        assert not re.search(r"https?://|<script|\.\./", page)
        assert "<b>here" not in page
        assert "default-src 'none'" in page
    assert "&lt;b&gt;here" in pages["lms__forum.html"]


def test_data_docs_of_an_earlier_run_are_replaced(world: World) -> None:
    world.promise(MARKS)
    world.check(marks("present"))
    (world.suites / "raw" / "lms__attendance.yml").unlink()
    world.promise(MARKS, table="lms.forum")
    result = world.check(marks("present"), table="lms.forum")
    assert sorted(path.name for path in result.docs_path.parent.iterdir()) == [
        "index.html",
        "lms__forum.html",
    ]


def test_no_gate_calls_anybody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: called.append(address))
    world.promise(MARKS)
    world.check(marks("present"))
    assert called == []


@pytest.mark.parametrize(
    ("change", "key"),
    [({"severity": "fatal"}, "severity"), ({"meta": {}}, "meta.why"), ({"thresholds": 3}, "thresholds")],
)
def test_a_suite_with_an_unknown_word_is_refused(world: World, change: dict[str, Any], key: str) -> None:
    world.promise(MARKS | change)
    with pytest.raises(ConfigError, match=f"lms__attendance.yml: .*'expectations.0.{key}'"):
        world.check(marks("present"))


def test_scores_may_only_carry_reasons_that_have_a_sentence(tmp_path: Path) -> None:
    score = pd.DataFrame(
        {
            "enrolment_id": ["E1"],
            "as_of_date": [DAY],
            "target": ["completes"],
            "model_version": ["v"],
            "score_probability": [0.4],
            "basis": ["model"],
            "reason_1_code": ["work_missing"],
            "strength_1_code": pd.Series([None], dtype="str"),
            "not_scored_reason": pd.Series([None], dtype="str"),
        }
    )
    settings = Settings(home=tmp_path)
    assert gates.check(
        "scores", school="ai_school", settings=settings, frames={"fct_score": score}, day=DAY
    ).passed
    unknown = {"fct_score": score.assign(reason_1_code="star_sign")}
    with pytest.raises(GateFailure, match="reason_1_code: 'star_sign'"):
        gates.check("scores", school="ai_school", settings=settings, frames=unknown, day=DAY)


def test_a_gate_knows_its_tables() -> None:
    assert gates.suite_tables("scores") == ["fct_score"]
    assert "fct_enrolment_week" in gates.suite_tables("marts")
    assert "sis.learner" in gates.suite_tables("raw")
