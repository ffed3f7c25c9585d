"""A system that did not send what it should have, as a report must say it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class StaleSource:
    """A system whose data is incomplete this week.

    Attributes
    ----------
    system : str
        Name of the system in school.toml.
    last_date : datetime.date or None
        Day of the last thing that it sent, where that is known.
    """

    system: str
    last_date: dt.date | None = None

    @classmethod
    def named(cls, name: str) -> StaleSource:
        """The system of a table written as ``lms``, ``lms.attendance`` or ``lms__attendance``."""
        return cls(system=name.replace("__", ".").partition(".")[0])
