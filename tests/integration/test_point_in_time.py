"""The panel holds what was known each Monday, and nothing else: however it was built, whatever arrived since."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from little_school import Facts, deliver, facts, known_before, known_from, land_nothing, monday
from passerelle import transform
from passerelle.settings import Settings
from passerelle.warehouse import Warehouse

LAST = 13
NAIVE = Path(__file__).with_name("naive_panel.sql")


def _school(home: Path, **choices: int) -> Settings:
    settings = Settings(school="ai_school", home=home, **choices)
    land_nothing(settings)
    return settings


def _build(settings: Settings, as_of: dt.date, **choices: bool) -> transform.BuildResult:
    result = transform.build("ai_school", settings, as_of=as_of, **choices)
    Warehouse(settings).publish(as_of)
    return result


def _marts(settings: Settings, as_of: dt.date) -> dict[str, pd.DataFrame]:
    """Every mart of that Monday's own warehouse, rows in a fixed order."""
    warehouse = Warehouse(settings)
    names = warehouse.frame("select table_name from duckdb_tables() where schema_name = 'marts'", as_of=as_of)
    return {
        name: warehouse.frame(f"select * from {name} order by all", as_of=as_of)
        for name in sorted(names["table_name"])
    }


def _assert_same(left: dict[str, pd.DataFrame], right: dict[str, pd.DataFrame]) -> None:
    assert left.keys() == right.keys()
    for name, frame in left.items():
        pd.testing.assert_frame_equal(frame, right[name], check_exact=True, obj=name)


def _naive_panel(settings: Settings, mondays: list[dt.date]) -> pd.DataFrame:
    """The panel asked Monday by Monday of the landed files, with the latest version known before each."""
    landing = settings.part("landing", "_").parent
    sql = NAIVE.read_text(encoding="utf-8").replace("{landing}", str(landing))
    panels = []
    with duckdb.connect() as connection:
        for day in mondays:
            connection.execute(f"create or replace macro monday() as date '{day}'")
            connection.execute(
                f"create or replace macro midnight() as timezone('UTC', timezone('Europe/Brussels', timestamp '{day}'))"
            )
            panels.append(connection.execute(sql).df())
    return pd.concat(panels, ignore_index=True)


def _sorted(panel: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    rows = panel[columns].sort_values(["enrolment_id", "as_of_date"], ignore_index=True)
    return rows.astype(
        {name: "float64" for name in rows if name.endswith(("_count", "_count_4w", "_count_1w", "_sum"))}
    )


@pytest.fixture(scope="module")
def everything() -> Facts:
    return facts(seed=3)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, everything: Facts) -> Settings:
    """The school with all facts landed, built at once as of the last Monday."""
    settings = _school(tmp_path_factory.mktemp("full"))
    deliver(settings, everything, name="all", seed=1)
    _build(settings, monday(LAST))
    return settings


def test_the_panel_equals_a_naive_question_asked_every_monday(full: Settings, everything: Facts):
    panel = Warehouse(full).frame("select * from fct_enrolment_week")
    naive = _naive_panel(full, [monday(number) for number in range(LAST + 1)])
    assert len(panel) > 100
    assert panel["late_count_4w"].max() > 0
    assert panel["pre_start_active_days_count"].max() > 0
    assert panel["is_active"].nunique() == 2
    assert panel["score_pct_sum"].max() > 0
    marks = everything["lms", "submission"].dropna(subset="score_pct")
    of_one = marks["score_pct"].between(0.01, 1).groupby(marks["assignment_no"]).mean()
    assert of_one.between(0.1, 0.9).sum() > 1, "some work is marked on two scales"
    assert panel["other_score_pct_sum"].max() > 0
    assert panel["lead_days_beside_peers_sum"].nunique() > 20
    assert panel["score_pct_weeks_beside_peers_sum"].nunique() > 20
    assert panel["scored_weeks_sum"].nunique() > 5
    assert panel["other_running_count"].nunique() == 2
    pd.testing.assert_frame_equal(_sorted(panel, list(naive)), _sorted(naive, list(naive)), check_dtype=False)


def test_a_week_at_a_time_and_a_build_in_parts_equal_a_full_build_and_a_past_monday_gives_what_it_gave_then(
    full: Settings, everything: Facts, tmp_path: Path
):
    settings = _school(tmp_path, enrolments_at_once=3)
    deliver(settings, known_before(everything, monday(4)), name="history", seed=2)
    modes = [_build(settings, monday(4)).mode]
    then = _marts(settings, monday(4))
    for number, before in ((5, 4), (7, 5), (LAST, 7)):
        news = known_from(known_before(everything, monday(number)), monday(before))
        deliver(settings, news, name=f"week_{number}", seed=number)
        modes.append(_build(settings, monday(number)).mode)
    assert modes == ["full"] + ["incremental"] * 3
    _assert_same(_marts(settings, monday(LAST)), _marts(full, monday(LAST)))
    assert _build(settings, monday(4)).mode == "full"
    _assert_same(_marts(settings, monday(4)), then)
    assert Warehouse(settings).published_as_of() == monday(LAST)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory, everything: Facts) -> Settings:
    """The same school as of an earlier Monday, in which everything known from that Monday on is garbage."""
    settings = _school(tmp_path_factory.mktemp("spoilt"))
    rows = {
        name: pd.concat([rows, known_from(everything, monday(8))[name].apply(_garbage)])
        for name, rows in known_before(everything, monday(8)).items()
    }
    deliver(settings, rows, name="all", seed=1)
    _build(settings, monday(8))
    return settings


def _assert_no_later_fact(spoilt: Settings, full: Settings, select: str) -> None:
    """The leak test: what a question says of the Mondays up to the eighth is the same in both schools."""
    rows = f"select * from ({select}) where as_of_date <= date '{monday(8)}' order by all"
    then = Warehouse(spoilt).frame(rows)
    assert len(then) > 10
    pd.testing.assert_frame_equal(then, Warehouse(full).frame(rows), check_exact=True)


@pytest.mark.parametrize("mart", ["fct_enrolment_week", "mart_cohort_week"])
def test_facts_known_later_change_nothing(spoilt: Settings, full: Settings, mart: str):
    _assert_no_later_fact(spoilt, full, f"select * from {mart}")


@pytest.mark.parametrize(
    "leak",
    [
        "max(week_of_training) over (partition by enrolment_id) as weeks_in_all_count",
        "(select has_left from int_current_statuses as status where status.enrolment_id = panel.enrolment_id)",
        "lead(attended_half_days_count) over (partition by enrolment_id order by as_of_date)",
    ],
    ids=["how long they stayed", "whether they have left by now", "next Monday's count"],
)
def test_a_planted_leak_is_caught(spoilt: Settings, full: Settings, leak: str):
    """A column that looks ahead, as a hurried analyst would write it beside the panel's own."""
    with pytest.raises(AssertionError, match="are different"):
        _assert_no_later_fact(spoilt, full, f"select *, {leak} from fct_enrolment_week as panel")


def _garbage(column: pd.Series) -> pd.Series:
    """Every value replaced, but for what names a record and when it was known."""
    if column.name == "_known_at" or str(column.name).endswith(("_no", "_code", "_part")):
        return column
    replaced = {str: "absent", int: 99, float: 99.0, dt.date: monday(1)}
    return column.map(lambda value: replaced.get(type(value), value))


def test_the_same_monday_twice_gives_the_same_marts(full: Settings):
    before = _marts(full, monday(LAST))
    assert _build(full, monday(LAST)).mode == "incremental"
    _assert_same(before, _marts(full, monday(LAST)))
    assert _build(full, monday(LAST), full_refresh=True).mode == "full"
    _assert_same(before, _marts(full, monday(LAST)))


def test_a_fact_that_lands_late_with_an_old_date_starts_over(everything: Facts, tmp_path: Path):
    settings, late = _school(tmp_path), ("lms", "attendance")
    early = known_before(everything, monday(6))
    held_back = {late: early[late].iloc[::7]}
    deliver(settings, {**early, late: early[late].drop(held_back[late].index)}, name="most", seed=6)
    _build(settings, monday(6))
    deliver(settings, held_back, name="late", seed=7)
    rebuilt = _build(settings, monday(6))
    assert rebuilt.mode == "full"
    assert "known before" in rebuilt.why
    naive = _naive_panel(settings, [monday(number) for number in range(7)])
    panel = Warehouse(settings).frame("select * from fct_enrolment_week")
    pd.testing.assert_frame_equal(_sorted(panel, list(naive)), _sorted(naive, list(naive)), check_dtype=False)
