"""A system that did not send what it should have, as a report must say it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class StaleSource:
    """A system that is late.

    Attributes
    ----------
    system : str
        Name of the system in school.toml.
    last_date : datetime.date or None
        Day of the last thing it sent; None when it never sent anything.
    """

    system: str
    last_date: dt.date | None = None
