"""What is accepted lands whole, what is rejected lands not at all, and a kill at any moment changes neither."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import subprocess
import sys

import pandas as pd
import pyarrow.parquet as pq
import pytest

from passerelle.errors import ModelError, PasserelleError
from passerelle.landing import Landing
from passerelle.said import SCORES
from passerelle.settings import Settings
from passerelle.sources.door import landing_schema
from passerelle.sources.pull import declared_places
from tiny_school import ATTENDANCE, TinySchool

KEY = "a key made at random, long enough to be one"
ACCEPT = "from passerelle.landing import Landing; Landing(settings).accept()"
PULL = "from passerelle.sources import pull_school; pull_school('tiny', settings)"
SCRIPT = """
import os, signal, sys
from passerelle.settings import Settings
settings = Settings(school="tiny")
home, last, seen = str(settings.state_dir), int(sys.argv[1]), 0
def touched(event, arguments):
    global seen
    changes = event in ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree") or (
        event == "open" and isinstance(arguments[1], str) and arguments[1][0] in "wxa"
    )
    if changes and any(str(argument).startswith(home) for argument in arguments):
        seen += 1
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(touched)
{step}
print(seen)
"""


def run(school: TinySchool, step: str, *, killed_at: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a step in a process of its own; kill -9 it at its n-th change to the state."""
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("{step}", step), str(killed_at)],
        env={**os.environ, "PASSERELLE_HOME": str(school.home), "PASSERELLE_KEY": KEY},
        capture_output=True,
        text=True,
        check=False,
    )


def content(school: TinySchool) -> dict[str, list[str]]:
    """Rows that have landed, without what differs from load to load."""
    found = {}
    for place in declared_places("tiny"):
        unlike = {"_load_id", "_known_at"} if place.table.known_at == "landed_at" else {"_load_id"}
        rows = [{name: row[name] for name in row.keys() - unlike} for row in school.landed(place.name)]
        found[place.name] = sorted(str(sorted(row.items())) for row in rows)
    return found


@pytest.fixture
def landed_cleanly(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> dict[str, list[str]]:
    """What a pull and an acceptance land when nobody kills them."""
    monkeypatch.setenv("PASSERELLE_KEY", KEY)
    school = TinySchool(tmp_path_factory.mktemp("clean"))
    monkeypatch.setenv("PASSERELLE_SCHOOLS_DIR", str(school.schools))
    school.pull_and_accept()
    assert all(content(school).values())
    return content(school)


@pytest.mark.slow
def test_an_acceptance_killed_at_any_change_is_finished_by_the_next_step(
    landed_cleanly, tiny_school, monkeypatch, tmp_path
):
    monkeypatch.setenv("PASSERELLE_KEY", KEY)
    tiny_school.pull()
    pulled = tiny_school.home
    for moment in range(1, 100):
        tiny_school.home = shutil.copytree(pulled, tmp_path / f"killed at {moment}")
        tiny_school.settings = Settings(school="tiny", home=tiny_school.home)
        done = run(tiny_school, ACCEPT, killed_at=moment)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        tiny_school.landing.accept()
        assert content(tiny_school) == landed_cleanly
        learner = tiny_school.landed("office.learner")[0]["learner_no"]
        assert tiny_school.vault.people("learner", [learner])["first_name"].notna().all()
    assert moment > 20, "there were few moments to kill it at"
    assert sum(tiny_school.pull_and_accept().values()) == 0


@pytest.mark.slow
@pytest.mark.parametrize("moment", [1, 20, 60, 120, 200])
def test_a_pull_killed_at_any_change_is_begun_anew(landed_cleanly, tiny_school, monkeypatch, moment):
    monkeypatch.setenv("PASSERELLE_KEY", KEY)
    done = run(tiny_school, PULL, killed_at=moment)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert tiny_school.landing.accept() == {}, "half a pull is no pull"
    tiny_school.pull_and_accept()
    assert content(tiny_school) == landed_cleanly


def test_what_gate_1_rejects_is_set_aside_and_read_again(tiny_school):
    tiny_school.pull_and_accept()
    tiny_school.write("platform/attendance_2026-01-13.csv", ATTENDANCE.replace("2026-01-12", "2026-01-13"))
    tiny_school.sql("insert into coach values ('C2', 'Dirk', 'Gent', '2026-01-09 08:00:00')")
    before = content(tiny_school)
    first = tiny_school.pull().rows
    aside = tiny_school.landing.reject()
    assert content(tiny_school) == before
    assert (
        sum(pq.read_metadata(path).num_rows for path in aside.rglob("*.parquet")) == sum(first.values()) == 3
    )
    assert list((tiny_school.home / "vault").rglob("_incoming/**/*.fernet")) == []
    assert tiny_school.landing.accept() == {}
    assert tiny_school.pull_and_accept() == first


def test_an_acceptance_of_nothing_is_harmless(tiny_school):
    assert tiny_school.landing.accept() == {}
    assert tiny_school.landing.reject() is None
    assert tiny_school.landing.waiting() == {}


def test_every_declared_table_has_its_columns_before_its_first_row(tiny_school):
    tiny_school.write("platform/attendance_2026-01-12.csv", ATTENDANCE.split("\n")[0] + "\n")
    tiny_school.pull_and_accept()
    for place in declared_places("tiny"):
        [empty] = tiny_school.home.glob(f"landing/{place.system_name}/{place.table_name}/empty.parquet")
        assert pq.read_schema(empty).equals(landing_schema(place.table))
    assert tiny_school.landed("platform.attendance") == []
    assert pq.read_schema(tiny_school.home / "landing/outlook/scores/empty.parquet").equals(SCORES)


def test_rows_wait_under_their_declared_columns_also_when_none_is_new(tiny_school):
    tiny_school.pull_and_accept()
    tiny_school.pull()
    waiting = tiny_school.landing.waiting()
    assert {name: table.num_rows for name, table in waiting.items()} == dict.fromkeys(waiting, 0)
    assert len(waiting) == 6
    assert "mark" in waiting["platform.attendance"].column_names


def test_the_landing_tells_how_much_and_until_when_it_knows(tiny_school):
    assert tiny_school.landing.newest_known_at("platform.attendance") is None
    tiny_school.pull_and_accept()
    assert tiny_school.landing.landed_count("platform.attendance") == 2
    assert tiny_school.landing.newest_known_at("platform.attendance") == dt.datetime(2026, 1, 12, 18)


def test_two_at_once_do_not_mix(tiny_school):
    with tiny_school.landing.locked(), pytest.raises(PasserelleError, match="another pull"):
        tiny_school.pull()


def scores(probability: float) -> pd.DataFrame:
    one = {
        "enrolment_id": "E1",
        "as_of_date": dt.date(2026, 11, 23),
        "target": "completes",
        "model_version": "m",
    }
    rows = pd.DataFrame([one | {"enrolment_id": "E2"}, one])
    return rows.assign(score_probability=probability, basis="model", not_scored_reason=None).reindex(
        columns=SCORES.names
    )


def test_scores_land_once_and_never_change(tiny_school):
    monday = dt.date(2026, 11, 23)
    landing = Landing(tiny_school.settings)
    path = landing.land_scores(scores(0.25), as_of=monday, model_version="m")
    first = path.read_bytes()
    assert landing.land_scores(scores(0.25).iloc[::-1], as_of=monday, model_version="m") == path
    with pytest.raises(ModelError, match="other scores of 2026-11-23"):
        landing.land_scores(scores(0.26), as_of=monday, model_version="m")
    assert path.read_bytes() == first
    assert path.name == "2026-11-23__m.parquet"
    assert pq.read_table(path)["enrolment_id"].to_pylist() == ["E1", "E2"]
    path.unlink()
    assert landing.land_scores(scores(0.25), as_of=monday, model_version="m").read_bytes() == first
