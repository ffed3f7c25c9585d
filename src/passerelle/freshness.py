"""How old a source may be: what gate 1, `mart_source_freshness`, the scores and the reports all go by."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Freshness(BaseModel):
    """How long a kind of fact may be silent while there is class.

    Attributes
    ----------
    stale_after_days : dict
        Entity to the most days of silence; of an entity that is not named, any silence is fine.
    closed : tuple of (datetime.date, datetime.date)
        First and last day of each time without class: these days do not count.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stale_after_days: dict[str, Annotated[int, Field(gt=0, le=90)]] = {}
    closed: tuple[tuple[dt.date, dt.date], ...] = ()

    def fresh_from(self, entity: str, day: dt.date) -> dt.date | None:
        """The day on which the newest fact must have been known to be fresh on ``day``; None where any will do."""
        left = self.stale_after_days.get(entity)
        if left is None:
            return None
        while left:
            day -= dt.timedelta(days=1)
            left -= not any(first <= day <= last for first, last in self.closed)
        return day
