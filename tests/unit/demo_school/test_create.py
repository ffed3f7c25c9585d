"""``create`` makes the demo school's systems once, and brings them up to a later day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from passerelle.demo_school import create
from passerelle.errors import ConfigError
from passerelle.settings import Settings

EARLIER, LATER = dt.date(2026, 11, 2), dt.date(2026, 11, 23)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("SIS_URL", "LMS_DIR", "VDAB_DIR", "FOREM_DIR", "ACTIRIS_DIR", "SURVEY_DIR"):
        monkeypatch.delenv(f"PASSERELLE_{name}", raising=False)
    return Settings(school="ai_school", home=tmp_path / "home")


def files(settings: Settings) -> dict[str, int]:
    folder = settings.part("demo_school")
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*.csv")}


def test_school_is_made_once_then_brought_up_to_a_later_day(settings: Settings) -> None:
    said: list[str] = []
    first = create("ai_school", settings, now=EARLIER, progress=lambda text, done, total: said.append(text))
    assert first.is_new
    assert all(first.rows.values())
    assert said[0] == "simulating the school"
    assert "writing sis" in said
    before = files(settings)

    again = create("ai_school", settings, now=EARLIER)
    assert not again.is_new
    assert files(settings) == before
    assert again.oracle_auc == first.oracle_auc

    later = create("ai_school", settings)
    assert later.now == LATER.isoformat()
    assert 0 < later.rows["lms"] < first.rows["lms"] / 10
    assert before.items() <= files(settings).items()

    with pytest.raises(ConfigError, match="already stand at 2026-11-23"):
        create("ai_school", settings, now=EARLIER)

    anew = create("ai_school", settings, now=EARLIER, force=True)
    assert anew.rows == first.rows
    assert files(settings).keys() == before.keys()


def test_systems_lie_where_the_environment_says_and_the_truth_apart(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_VDAB_DIR", str(tmp_path / "elsewhere"))
    summary = create("ai_school", settings)
    assert list((tmp_path / "elsewhere").glob("tewerkstelling_*.csv"))
    assert not settings.part("demo_school", "vdab").exists()
    assert summary.places["vdab"] == str(tmp_path / "elsewhere")
    truth = pq.read_table(settings.part("demo_school", "truth", "enrolment.parquet"))
    assert truth.num_rows == summary.enrolments
    assert "first_name" not in truth.column_names
    effects = pq.read_table(settings.part("demo_school", "truth", "effect.parquet")).to_pandas()
    assert float(effects.set_index("effect")["value"]["support.effect"]) < 0
