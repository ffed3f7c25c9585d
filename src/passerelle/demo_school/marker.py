"""The simulator's mark on what it made: it never writes over a system that is not its own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from passerelle.demo_school.config import DemoSchool
from passerelle.errors import ConfigError


@dataclass(frozen=True)
class Marker:
    """Which play of which school a system holds.

    Attributes
    ----------
    play : str
        Digest of the configuration, the seed and the simulator itself.
    """

    play: str
    table_name: ClassVar[str] = "demo_school_play"
    file_name: ClassVar[str] = ".demo_school_play"

    def check(self, found: str) -> None:
        """Stop when a system holds another play.

        Raises
        ------
        ConfigError
            The configuration, the seed or the simulator is another than the one that made the system.
        """
        if found != self.play:
            raise ConfigError(
                f"the demo school's systems were made by another play ({found}, now {self.play})",
                allowed="adding to the same play: same demo_school.toml, same seed, same simulator",
                fix="passerelle demo --force makes them anew (the landing then needs a new PASSERELLE_HOME)",
            )

    def claim(self, folder: Path, *, location_env: str) -> None:
        """Leave the mark in a folder, or stop before touching one that is not the simulator's.

        Raises
        ------
        ConfigError
            The folder holds files of somebody else, or of another play.
        """
        folder.mkdir(parents=True, exist_ok=True)
        mark = folder / self.file_name
        if mark.exists():
            self.check(mark.read_text().strip())
            return
        foreign = sorted(path.name for path in folder.iterdir())
        if foreign:
            raise ConfigError(
                f"{folder} already holds '{foreign[0]}', which the simulator did not make",
                allowed="an empty folder, or one that the simulator made",
                fix=location_env,
            )
        mark.write_text(self.play + "\n")


def marker_of(config: DemoSchool, *, seed: int, learners: int | None = None) -> Marker:
    """Mark of one play: the same inputs to the same simulator."""
    code = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        code.update(path.read_bytes())
    code.update(f"{config.model_dump_json()} {seed} {learners}".encode())
    return Marker(code.hexdigest()[:12])
