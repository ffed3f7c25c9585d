"""Two more Mondays of the demo school: the last places are drawn by lot, and Ghent's platform falls silent."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from demo_week import Week
from passerelle import steps
from passerelle.demo_school import create
from passerelle.desk_commands import effect
from passerelle.reports.index import read_index
from passerelle.school import school_dir
from passerelle.settings import Settings
from passerelle.warehouse import Warehouse

pytestmark = pytest.mark.slow
MONDAYS = [dt.date(2026, 11, 30), dt.date(2026, 12, 7)]
CAPACITY, PLACES, SEED = 6, 2, "winter 2026"
SILENT_FROM = dt.date(2026, 12, 2)  # a Wednesday: more than three days before the last Monday


@dataclass(frozen=True)
class Played:
    """The state after both Mondays, and what each of them left."""

    settings: Settings

    def frame(self, sql: str, monday: dt.date) -> pd.DataFrame:
        """Rows of a query on that Monday's warehouse."""
        return Warehouse(self.settings).frame(sql, as_of=monday)

    def draws(self, monday: dt.date) -> pd.DataFrame:
        """What was drawn, as it was logged."""
        return pq.read_table(
            self.settings.part("landing", "outlook", "draws", f"{monday}.parquet")
        ).to_pandas()

    def mail(self, reader: str) -> str:
        """Text of the last Monday's mail to one reader."""
        path = self.settings.part("outbox", str(MONDAYS[-1]), f"{reader}.eml")
        body = message_from_bytes(path.read_bytes(), policy=default).get_body(("plain",))
        assert body is not None
        return str(body.get_content())


@pytest.fixture(scope="module")
def played(demo_week: Week, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The demo school with a lottery, two weeks later; the model in force is the one of the first week."""
    folder = tmp_path_factory.mktemp("two_more_mondays")
    left_out = shutil.ignore_patterns("airflow", "docs", "logs", "_building")
    shutil.copytree(demo_week.home, folder / "home", ignore=left_out)
    shutil.copytree(school_dir("ai_school"), folder / "schools" / "ai_school")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PASSERELLE_HOME", str(folder / "home"))
        environment.setenv("PASSERELLE_SCHOOLS_DIR", str(folder / "schools"))
        switch_on_the_lottery(folder / "schools" / "ai_school" / "school.toml")
        settings = Settings(school="ai_school")
        create("ai_school", settings)
        silence(settings.part("demo_school", "lms", "_").parent, ghent_of(settings))
        steps.pull("ai_school", MONDAYS[-1])
        steps.gate_raw("ai_school", MONDAYS[-1])
        for monday in MONDAYS:
            for step in (
                steps.build,
                steps.publish,
                steps.score,
                steps.build_risk,
                steps.publish,
                steps.report,
            ):
                step("ai_school", monday)
        yield Played(settings)


def switch_on_the_lottery(school: Path) -> None:
    """Write the lottery into school.toml, and the day after the last Monday's report."""
    lottery = f'[coaching.lottery]\nplaces = {PLACES}\nseed = "{SEED}"\n\n[entities]'
    text = school.read_text().replace("\n[entities]", f"\n{lottery}", 1)
    school.write_text(text.replace("now = 2026-11-23", f"now = {MONDAYS[-1]}", 1))


def ghent_of(settings: Settings) -> set[str]:
    """Enrolments of Ghent, as the first week knew them."""
    return set(
        Warehouse(settings).frame("select enrolment_id from fct_enrolment where campus = 'Ghent'")[
            "enrolment_id"
        ]
    )


def silence(exports: Path, enrolments: set[str]) -> None:
    """Take some enrolments out of what the platform exported from a day on."""
    for path in exports.glob("a*_*.csv"):
        if path.stem.startswith("assignment") or path.stem[-10:] < SILENT_FROM.isoformat():
            continue
        with path.open(newline="", encoding="utf-8") as file:
            kept = [row for row in csv.reader(file) if row[0] not in enrolments]
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(kept)


@pytest.mark.parametrize("monday", MONDAYS)
def test_the_draw_is_logged_and_can_be_drawn_again_from_the_log(played: Played, monday: dt.date) -> None:
    drawn = played.draws(monday)
    assert set(drawn["lottery_seed"]) == {SEED}
    for _, band in drawn.groupby("list_owner_id"):
        (probability,) = band["listed_probability"].unique()
        places = round(probability * len(band))
        assert 0 < places <= PLACES
        assert places < len(band) <= 2 * PLACES
        lots = [hashlib.md5(f"{SEED} {each}".encode()).hexdigest() for each in band["enrolment_id"]]
        by_lot = band.assign(lot=lots).sort_values("lot")["is_listed"].tolist()
        assert by_lot == [True] * places + [False] * (len(band) - places)


@pytest.mark.parametrize("monday", MONDAYS)
def test_every_coach_with_more_names_than_hours_draws_and_nobody_else(
    played: Played, monday: dt.date
) -> None:
    coaches = played.frame(
        "select list_owner_id, count(*) as names, count(*) filter (where has_just_begun) as begun"
        " from fct_list_order where is_eligible group by list_owner_id order by list_owner_id",
        monday,
    ).set_index("list_owner_id")
    not_drawn = coaches["begun"].clip(lower=CAPACITY - PLACES)
    band = coaches["names"].clip(upper=CAPACITY + PLACES) - not_drawn
    implied = pd.DataFrame({"band": band, "places": CAPACITY - not_drawn})[
        (coaches["names"] > CAPACITY) & (not_drawn < CAPACITY)
    ]
    assert not implied.empty
    drawn = played.draws(monday).groupby("list_owner_id")["is_listed"].agg(band="size", places="sum")
    pd.testing.assert_frame_equal(drawn, implied, check_dtype=False)


@pytest.mark.parametrize("monday", MONDAYS)
def test_no_list_is_longer_than_the_hours_and_those_in_greatest_need_are_drawn_out_of_none(
    played: Played, monday: dt.date
) -> None:
    rows = played.frame("select * from mart_risk_list", monday)
    assert rows.groupby("list_owner_id")["is_listed"].sum().max() == CAPACITY
    assert rows["is_listed"].sum() > 30
    shown = played.draws(monday).set_index("enrolment_id")["is_listed"]
    assert rows.set_index("enrolment_id")["is_listed"].loc[shown.index].equals(shown)
    eligible = rows[rows["list_place"] <= CAPACITY - PLACES]
    assert eligible["listed_probability"].isna().all()
    passed_over = set(shown.index[~shown])
    assert not passed_over & set(rows.loc[rows["is_also_check_in"], "enrolment_id"])
    letters = read_index(played.settings.part("reports", str(monday)))
    named = {enrolment for letter in letters for enrolment in letter.enrolments}
    assert passed_over & named <= set(rows.loc[rows["list_change"] == "off", "enrolment_id"])


def test_the_effect_of_a_place_is_weighed_by_the_logged_chances_or_said_not_to_be_known_yet(
    played: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    joined = played.frame("select * from fct_list_draw", MONDAYS[-1])
    logged = played.draws(MONDAYS[0])
    assert sorted(joined["enrolment_id"]) == sorted(logged["enrolment_id"])
    effect(school="ai_school", as_json=True)
    said = json.loads(capsys.readouterr().out)["by lot"]
    assert said["verdict"] == "cannot_tell_yet"
    assert (said["difference"], said["low"], said["high"]) == (None, None, None)
    assert said["needed_count"] > 500


def test_work_that_is_told_again_has_been_known_since_it_was_first_told(played: Played) -> None:
    """In December the registers sent again whoever's job had ended: what a past Monday knew of work stays known."""
    sql = "select enrolment_id, known_at from fct_enrolment_target where target = 'placed' and is_positive"
    then, now = (played.frame(sql, monday).set_index("enrolment_id")["known_at"] for monday in MONDAYS)
    told_again = played.frame(
        f"select * from outcome_events where known_at >= date '{MONDAYS[0]}' and event_type = 'job_start'"
        f" and event_date < date '{MONDAYS[0]}' - 60 and source <> 'survey'",
        MONDAYS[-1],
    )
    assert len(told_again) > 10
    moved = now.reindex(then.index) != then
    assert moved.sum() <= 1  # a correction of what was told of a job


def test_a_campus_that_fell_silent_is_told_from_the_others_in_the_scores(played: Played) -> None:
    for monday, silent in zip(MONDAYS, [set(), {"Ghent"}], strict=True):
        stale = played.frame("select entity, campus from mart_source_freshness where is_stale", monday)
        assert set(stale["campus"]) == silent
        assert set(stale["entity"]) == ({"attendance", "activity_days"} if silent else set())
        rows = played.frame("select campus, not_scored_reason from mart_risk_list", monday)
        refused = rows[rows["not_scored_reason"] == "source_stale"]
        assert set(refused["campus"]) == silent
        assert rows.loc[rows["campus"].isin(silent), "not_scored_reason"].eq("source_stale").all()
        assert rows.loc[~rows["campus"].isin(silent), "not_scored_reason"].isna().mean() > 0.9


def test_the_reports_say_which_source_of_which_campus_to_whom_it_concerns(played: Played) -> None:
    said = "Ghent: online activity and attendance (system lms). The last we received is of 1 December 2026."
    assert said in " ".join(played.mail("director").split())
    assert "Ghent: " in played.mail("lead-ghent")
    assert "(systeem lms)" in played.mail("lead-ghent")
    assert "(systeem lms)" not in played.mail("lead-antwerp")
    owners = played.frame("select distinct campus, list_owner_id from mart_risk_list", MONDAYS[-1])
    for campus, owner in owners.itertuples(index=False):
        assert ("(syst" in played.mail(owner)) == (campus == "Ghent")
