"""Counts of the panel as columns, and each learner beside the peers: the same cohort on the same Monday."""

from __future__ import annotations

import numpy as np
import pandas as pd

Column = np.ndarray


class Panel:
    """Number columns of a panel, with each row's peers: the active learners of its cohort on its Monday."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        groups = frame.groupby(["cohort_id", "as_of_date"], sort=False, observed=True)
        self._group = groups.ngroup().to_numpy()
        self._is_peer = frame["is_active"].to_numpy(dtype=bool)
        self._count = int(self._group.max()) + 1 if len(frame) else 0

    def __getitem__(self, name: str) -> Column:
        return pd.to_numeric(self._frame[name]).to_numpy(dtype=float, na_value=np.nan)

    def where(self, flag: str, values: Column) -> Column:
        """Values where a family of facts reaches us, NaN elsewhere."""
        known = self._frame[flag].fillna(False).to_numpy(dtype=bool)
        return np.where(known, values, np.nan)

    def from_peers(self, values: Column) -> Column:
        """Distance from the mean of the peers, in the unit of the values."""
        return values - self._mean(values)[self._group]

    def in_spreads(self, values: Column, *, least: float) -> Column:
        """Distance from the mean of the peers in standard deviations, each of them at least ``least``."""
        distance = self.from_peers(values)
        spread = np.sqrt(self._mean(distance**2))
        return distance / np.maximum(spread, least)[self._group]

    def rank(self, values: Column) -> Column:
        """Place among the peers whose value is known, from -0.5 (lowest) to 0.5; equal values share a place."""
        known = pd.Series(np.where(self._is_peer, values, np.nan))
        return known.groupby(self._group).rank(pct=True).to_numpy() - 0.5

    def start_month(self) -> Column:
        """Calendar month in which the cohort started."""
        weeks = pd.to_timedelta(7 * self._frame["week_of_training"].astype(int), unit="D")
        return (pd.to_datetime(self._frame["as_of_date"]) - weeks).dt.month.to_numpy(dtype=float)

    def _mean(self, values: Column) -> Column:
        counted = self._is_peer & ~np.isnan(values)
        group = self._group[counted]
        total = np.bincount(group, weights=values[counted], minlength=self._count)
        number = np.bincount(group, minlength=self._count)
        return np.divide(total, number, out=np.zeros(self._count), where=number > 0)


def share(part: Column, whole: Column) -> Column:
    """Part of a whole; NaN where the whole is nothing."""
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
