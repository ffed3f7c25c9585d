import stat
from pathlib import Path

import pytest

from passerelle.errors import ConfigError
from passerelle.orchestration.embedded import alone_in, environment
from passerelle.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(school="ai_school", home=tmp_path)


def test_everything_airflow_keeps_is_in_the_state_folder(settings: Settings) -> None:
    told = environment(settings)
    places = [value for value in told.values() if value.startswith(("/", "sqlite:"))]
    outside = [place for place in places if str(settings.state_dir) not in place]
    assert len(places) == 8
    assert outside == [told["AIRFLOW__CORE__DAGS_FOLDER"]]
    assert Path(told["AIRFLOW__CORE__DAGS_FOLDER"], "school_data_nightly.py").is_file()


def test_airflow_listens_on_this_machine_only_and_on_the_port_asked_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_AIRFLOW_PORT", "18080")
    told = environment(settings)
    assert told["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert told["AIRFLOW__API__PORT"] == "18080"
    assert told["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:18080/execution/"


def test_secrets_are_made_once_and_only_the_owner_reads_them(settings: Settings) -> None:
    first, second = environment(settings), environment(settings)
    assert first == second
    assert len(first["AIRFLOW__API_AUTH__JWT_SECRET"]) >= 64
    kept = settings.part("airflow", "secrets.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_two_homes_have_different_secrets(settings: Settings, tmp_path: Path) -> None:
    other = Settings(school="ai_school", home=tmp_path / "other")
    secret = "AIRFLOW__API_AUTH__JWT_SECRET"
    assert environment(settings)[secret] != environment(other)[secret]


def test_one_process_at_a_time_holds_the_airflow_of_a_home(settings: Settings, tmp_path: Path) -> None:
    with alone_in(settings):
        with pytest.raises(ConfigError, match="already running") as refused, alone_in(settings):
            pass
        with alone_in(Settings(school="ai_school", home=tmp_path / "other")):
            pass
    assert refused.value.exit_code == 2
    with alone_in(settings):
        pass
