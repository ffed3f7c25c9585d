"""How facts become records: written down the same day or late, and sometimes corrected afterwards."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from passerelle.demo_school.config import Records
from passerelle.demo_school.school_calendar import DAY, SchoolCalendar

Hours = tuple[float, float]


class Registrar:
    """Writes facts down the way this school's people do.

    Parameters
    ----------
    assumed : Records
        Shares of late and corrected records.
    calendar : SchoolCalendar
        The school's clock.
    generator : numpy.random.Generator
        Randomness.
    """

    def __init__(self, assumed: Records, calendar: SchoolCalendar, generator: np.random.Generator) -> None:
        self._assumed, self._calendar, self._generator = assumed, calendar, generator

    def recorded(
        self,
        days: np.ndarray,
        *,
        hours: Hours = (8.5, 17.5),
        usual_lag: float = 0.0,
        not_before: np.ndarray | int = 0,
    ) -> np.ndarray:
        """UTC seconds at which facts of these days were written down.

        Parameters
        ----------
        days : numpy.ndarray
            Day of each fact.
        hours : tuple of float
            Local office hours.
        usual_lag : float, default 0
            Mean days between the fact and its record when nobody is late.
        not_before : numpy.ndarray or int, default 0
            UTC seconds at which the record's parent was written down.
        """
        lag = self._generator.exponential(usual_lag, size=len(days)) if usual_lag else np.zeros(len(days))
        late = self._generator.random(len(days)) < self._assumed.late_share
        lag[late] += 1 + self._generator.exponential(6.0, size=int(late.sum()))
        seconds = self._generator.uniform(hours[0] * 3600, hours[1] * 3600, size=len(days))
        local = (days + lag.astype(np.int64)) * DAY + seconds.astype(np.int64)
        return np.maximum(self._calendar.to_utc(local), not_before)

    def corrected(
        self, recorded: np.ndarray, among: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Which records are corrected, and the UTC seconds of their correction (1 to 28 days later)."""
        chance = self._generator.random(len(recorded)) < self._assumed.corrected_share
        chosen = np.flatnonzero(chance if among is None else chance & among)
        days = 1 + self._generator.integers(0, 28, size=len(chosen))
        return chosen, recorded[chosen] + days * DAY + self._generator.integers(-1800, 1800, size=len(chosen))


def stamps(seconds: np.ndarray) -> pa.Array:
    """Timestamp column (UTC, whole seconds)."""
    return pa.array(seconds).cast(pa.timestamp("s"))


def with_corrections(
    frame: pd.DataFrame, registrar: Registrar, wrong: dict[str, np.ndarray], *, known_at: str = "updated_at"
) -> pd.DataFrame:
    """A journal: some rows first say something wrong, and a later row with the same key says what is true.

    Parameters
    ----------
    frame : pandas.DataFrame
        True rows, with their record time in ``known_at`` (UTC seconds).
    registrar : Registrar
        Who chooses.
    wrong : dict
        Column to wrong values, one per row.
    known_at : str
        Record time.
    """
    chosen, seconds = registrar.corrected(frame[known_at].to_numpy())
    later = frame.iloc[chosen].assign(**{known_at: seconds})
    is_wrong = np.isin(np.arange(len(frame)), chosen)
    first = frame.copy()
    for column, values in wrong.items():
        first[column] = first[column].mask(is_wrong, pd.Series(values, index=first.index))
    return pd.concat([first, later], ignore_index=True)
