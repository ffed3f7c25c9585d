"""Randomness and the few numbers that every part of the simulator shares."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NEVER = np.int64(2**30)  # a day that does not come: no end, no leaving


@dataclass(frozen=True)
class Dice:
    """Independent random streams, one per named purpose: the same seed and name give the same numbers.

    Attributes
    ----------
    seed : int
        Seed of the whole school.
    chunk : int
        Which part of a very large school.
    """

    seed: int
    chunk: int = 0

    def stream(self, purpose: str) -> np.random.Generator:
        """Generator for one purpose."""
        return np.random.default_rng([self.seed, self.chunk, zlib.crc32(purpose.encode())])


def expit(log_odds: np.ndarray) -> np.ndarray:
    """Probability of log-odds."""
    return 1 / (1 + np.exp(-log_odds))


def standardised(values: np.ndarray) -> np.ndarray:
    """Mean 0 and standard deviation 1."""
    spread = values.std()
    return (values - values.mean()) / (spread if spread > 0 else 1.0)


def numbered(prefix: str, numbers: np.ndarray, width: int = 7) -> pa.Array:
    """Reference numbers: a prefix and digits, never eleven of them like a national number."""
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width=width, padding="0")
    return pc.binary_join_element_wise(pa.scalar(prefix), digits, "")


def picked(generator: np.random.Generator, labels: list[str], weights: list[float], size: int) -> np.ndarray:
    """Labels drawn with weights, as an object array."""
    share = np.asarray(weights, dtype=float)
    codes = generator.choice(len(labels), size=size, p=share / share.sum())
    return np.asarray(labels, dtype=object)[codes]


def unless(blank: np.ndarray, values: object) -> np.ndarray:
    """The values as an object array, None where ``blank``."""
    kept = np.array(np.broadcast_to(np.asarray(values, dtype=object), blank.shape))
    kept[blank] = None
    return kept


def coded(codes: np.ndarray, labels: list[str]) -> pa.DictionaryArray:
    """Text column from small integer codes, without a string per row."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(labels, pa.string()))


def dates(days: np.ndarray) -> pa.Array:
    """Date column from days since 1970; NEVER is null."""
    empty = days >= NEVER
    return pa.array(np.where(empty, 0, days).astype(np.int32), mask=empty).cast(pa.date32())


def day_number(date: object) -> int:
    """Days since 1970."""
    return int(np.datetime64(str(date), "D").astype(np.int64))
