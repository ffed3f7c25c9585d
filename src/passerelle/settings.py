"""The only reader of the environment: where the code, the state and the secrets are."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from passerelle.errors import ConfigError

PROJECT_DIR = Path(__file__).resolve().parents[2]
DEFAULT_SCHOOL = "ai_school"


class Settings(BaseSettings):
    """Settings of one run for one school, read once from ``PASSERELLE_*``.

    Attributes
    ----------
    school : str
        Folder name under ``schools/``.
    home : pathlib.Path or None
        Where the state of this school lives; ``var/<school>`` when not set.
    key : pydantic.SecretStr or None
        Key of the vault and the pseudonyms; generated into the vault on first run when not set.
    desk_port : int
        Port of the coach's desk on this machine.
    desk_url : str or None
        Address at which coaches reach the desk, such as ``https://desk.school.example``; this machine when not set.
    """

    model_config = SettingsConfigDict(env_prefix="PASSERELLE_", frozen=True, extra="ignore")

    school: str = DEFAULT_SCHOOL
    home: Path | None = None
    key: SecretStr | None = None
    desk_port: int = Field(default=8400, gt=0, lt=65536)
    desk_url: str | None = Field(default=None, pattern=r"^https?://[^/?#\s]+(/[^?#\s]*)?$")

    @property
    def desk_address(self) -> str:
        """Where the coach's desk is reached, without a slash at the end."""
        return (self.desk_url or f"http://127.0.0.1:{self.desk_port}").rstrip("/")

    @cached_property
    def state_dir(self) -> Path:
        """Absolute folder of all state of this school."""
        return (self.home or PROJECT_DIR / "var" / self.school).resolve()

    def part(self, *names: str) -> Path:
        """Folder or file under the state folder; its parent exists afterwards."""
        path = self.state_dir.joinpath(*names)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def claim_home(self) -> None:
        """Bind the state folder to this school, so that two schools never share one.

        Raises
        ------
        ConfigError
            The folder already holds another school's state.
        """
        marker = self.part("school.txt")
        owner = marker.read_text().strip() if marker.exists() else ""
        if owner and owner != self.school:
            raise ConfigError(
                f"PASSERELLE_HOME {self.state_dir} holds the state of the school '{owner}', not '{self.school}'",
                allowed="one folder per school",
                fix="set PASSERELLE_HOME to another folder, or unset it to use var/<school>",
            )
        marker.write_text(self.school + "\n")


def schools_dir() -> Path:
    """Folder that holds one folder per school: ``PASSERELLE_SCHOOLS_DIR``, else the project's ``schools/``."""
    return Path(environment_value("PASSERELLE_SCHOOLS_DIR") or PROJECT_DIR / "schools")


def environment_value(name: str) -> str | None:
    """Value of one environment variable, or None when it is unset or empty."""
    import os

    return os.environ.get(name) or None
