"""The state folder belongs to one school."""

import pytest

from passerelle.errors import ConfigError
from passerelle.settings import Settings


def test_a_home_claimed_by_one_school_refuses_another(tmp_path):
    Settings(school="ai_school", home=tmp_path).claim_home()
    with pytest.raises(ConfigError, match="ai_school"):
        Settings(school="oulad", home=tmp_path).claim_home()


def test_the_home_can_be_claimed_again_by_its_own_school(tmp_path):
    for _ in range(2):
        Settings(school="oulad", home=tmp_path).claim_home()
    assert (tmp_path / "school.txt").read_text() == "oulad\n"


def test_the_environment_names_the_home(tmp_path, monkeypatch):
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    assert Settings().state_dir == tmp_path
