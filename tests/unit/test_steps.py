"""Steps of the week that need no whole week to be seen."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from passerelle import steps
from passerelle.settings import Settings
from passerelle.warehouse import BuildInfo, Warehouse

MONDAY = dt.date(2026, 11, 23)


def test_the_pages_of_a_later_monday_stand_whatever_older_code_published_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    warehouse = Warehouse(Settings(school="ai_school"))
    warehouse.begin(None)
    warehouse.record(BuildInfo(as_of=MONDAY, fingerprint="older code", landed={}))
    warehouse.publish(MONDAY)
    documented = steps.document("ai_school", MONDAY - dt.timedelta(weeks=1))
    assert documented == {"left_alone": "the published marts are of 2026-11-23, later than 2026-11-16"}
    assert not Settings(school="ai_school").part("docs", "index.html").exists()
