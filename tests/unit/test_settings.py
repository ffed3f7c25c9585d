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


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("PASSERELLE_DESK_PORT", "front door", "a valid integer"),
        ("PASSERELLE_SMTP_SECURITY", "maybe", "'starttls', 'tls' or 'none'"),
    ],
)
def test_a_value_of_the_environment_that_does_not_fit_names_its_variable(
    monkeypatch, variable, value, allowed
):
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError, match=f"{variable} is '{value}'") as caught:
        Settings()
    assert allowed in caught.value.allowed
