"""The simulator's configuration is closed, and says what is assumed."""

from __future__ import annotations

from pathlib import Path

import pytest

from passerelle.demo_school import DemoSchool, load_config
from passerelle.demo_school import config as configuration
from passerelle.errors import ConfigError
from passerelle.settings import PROJECT_DIR


def test_unknown_key_is_refused_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (PROJECT_DIR / "schools" / "ai_school" / "demo_school.toml").read_text()
    (tmp_path / "demo_school.toml").write_text(text.replace("[assumed.survey]", "[assumed.survey]\nluck = 1"))
    monkeypatch.setattr(configuration, "school_dir", lambda school: tmp_path)
    with pytest.raises(ConfigError, match="luck"):
        load_config("ai_school")


def test_school_without_simulator_is_refused() -> None:
    with pytest.raises(ConfigError, match="no simulator"):
        load_config("oulad")


def test_partners_are_the_nine_of_the_school(config: DemoSchool) -> None:
    assert len(set(config.school.partners)) == 9
