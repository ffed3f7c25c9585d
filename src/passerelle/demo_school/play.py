"""One play of the school: what is played, with which dice, on which calendar."""

from __future__ import annotations

from dataclasses import dataclass

from passerelle.demo_school.chance import Dice
from passerelle.demo_school.config import Assumed, DemoSchool, KnownSchool
from passerelle.demo_school.records import Registrar
from passerelle.demo_school.school_calendar import SchoolCalendar
from passerelle.school import load_school


@dataclass(frozen=True)
class Play:
    """What every part of the simulator needs.

    Attributes
    ----------
    config : DemoSchool
        What is played.
    dice : Dice
        Randomness.
    calendar : SchoolCalendar
        The school's days and clock.
    """

    config: DemoSchool
    dice: Dice
    calendar: SchoolCalendar

    @property
    def school(self) -> KnownSchool:
        """What is publicly known."""
        return self.config.school

    @property
    def assumed(self) -> Assumed:
        """What nobody told us."""
        return self.config.assumed

    def registrar(self, table: str) -> Registrar:
        """Whoever writes down the facts of one table."""
        return Registrar(self.assumed.records, self.calendar, self.dice.stream(f"{table} records"))


def begin(config: DemoSchool, *, seed: int, chunk: int = 0) -> Play:
    """Start a play."""
    school = config.school
    calendar = SchoolCalendar(school.first_start, school.last_start, load_school(config.folder).time_zone)
    return Play(config, Dice(seed, chunk), calendar)
