"""How old a source may be: what gate 1, `mart_source_freshness`, the scores and the reports all go by."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field, model_validator

from passerelle.typed_files import Closed


class Freshness(Closed):
    """How long a kind of fact may be silent while there is class.

    Attributes
    ----------
    stale_after_days : dict
        Entity to the most days of silence; of an entity that is not named, any silence is fine.
    closed : tuple of (datetime.date, datetime.date)
        First and last day of each time without class: these days do not count.
    """

    stale_after_days: dict[str, Annotated[int, Field(gt=0, le=90)]] = Field(default_factory=dict)
    closed: tuple[tuple[dt.date, dt.date], ...] = ()

    @model_validator(mode="after")
    def _closes_before_it_opens_again(self) -> Freshness:
        for first, last in self.closed:
            if last < first:
                raise ValueError(f"closed from {first} to {last}, which is before it")
        return self

    def fresh_from(self, entity: str, day: dt.date) -> dt.date | None:
        """The day on which the newest fact must have been known to be fresh on ``day``; None where any will do."""
        left = self.stale_after_days.get(entity)
        if left is None:
            return None
        while left:
            day -= dt.timedelta(days=1)
            left -= not any(first <= day <= last for first, last in self.closed)
        return day
