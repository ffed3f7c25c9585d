"""The only reader of the environment: where the code, the state and the secrets are."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ModelWrapValidatorHandler, SecretStr, ValidationError, model_validator
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
    memory_limit : str
        Most memory that the tables of a build may hold: beyond it DuckDB spills to disk.
    enrolments_at_once : int
        Enrolments whose weeks a full build counts at once: fewer take less memory, and longer.
    desk_port : int
        Port of the coach's desk on this machine.
    desk_url : str or None
        Address at which coaches reach the desk, such as ``https://desk.school.example``; this machine when not set.
    smtp_host : str or None
        The school's mail server. When not set, no mail leaves the machine: all lie in ``mailbox/``.
    smtp_port : int
    smtp_security : {"starttls", "tls", "none"}
        TLS from the first byte, or asked for and insisted on.
    smtp_user : str or None
    smtp_password : pydantic.SecretStr or None
    smtp_ca_file : pathlib.Path or None
        Certificates to trust for the mail server; the machine's own when not set.
    mail_from : str or None
        Address that the mails come from; needed with a mail server.
    bounces_dir : pathlib.Path or None
        Maildir of that address, where mails that came back are looked for.
    """

    model_config = SettingsConfigDict(env_prefix="PASSERELLE_", frozen=True, extra="ignore")

    school: str = DEFAULT_SCHOOL
    home: Path | None = None
    key: SecretStr | None = None
    memory_limit: str = Field(default="3GB", pattern=r"^[0-9]+(\.[0-9]+)? ?[MG]B$")
    enrolments_at_once: int = Field(default=200_000, gt=0)
    desk_port: int = Field(default=8400, gt=0, lt=65536)
    desk_url: str | None = Field(default=None, pattern=r"^https?://[^/?#\s]+(/[^?#\s]*)?$")
    smtp_host: str | None = Field(default=None, min_length=1)
    smtp_port: int = Field(default=587, gt=0, lt=65536)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_ca_file: Path | None = None
    mail_from: str | None = Field(default=None, pattern=r"^[^@\s<>,;\"]+@[^@\s<>,;\"]+$")
    bounces_dir: Path | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _errors_name_the_variable(cls, told: Any, check: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return check(told)
        except ValidationError as error:
            first = error.errors()[0]
            raise ConfigError(
                f"PASSERELLE_{str(first['loc'][0]).upper()} is {first['input']!r}",
                allowed=first["msg"],
                fix="the environment; .env.example says what each variable is for",
            ) from error

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

    def check_home(self) -> None:
        """Make sure that the state folder is not another school's.

        Raises
        ------
        ConfigError
            It is.
        """
        marker = self.state_dir / "school.txt"
        owner = marker.read_text().strip() if marker.exists() else ""
        if owner and owner != self.school:
            raise ConfigError(
                f"PASSERELLE_HOME {self.state_dir} holds the state of the school '{owner}', not '{self.school}'",
                allowed="one folder per school",
                fix="set PASSERELLE_HOME to another folder, or unset it to use var/<school>",
            )

    def claim_home(self) -> None:
        """Bind the state folder to this school, so that two schools never share one; see ``check_home``."""
        self.check_home()
        self.part("school.txt").write_text(self.school + "\n")


def schools_dir() -> Path:
    """Folder that holds one folder per school: ``PASSERELLE_SCHOOLS_DIR``, else the project's ``schools/``."""
    return Path(environment_value("PASSERELLE_SCHOOLS_DIR") or PROJECT_DIR / "schools")


def environment_value(name: str) -> str | None:
    """Value of one environment variable, or None when it is unset or empty."""
    import os

    return os.environ.get(name) or None
