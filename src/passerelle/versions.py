"""Which rows of a load are new, which are there already, and which correct an earlier row of the same key.

A version is a key and the moment it was known. The same version twice with the same content counts once; with two
contents it is an error, for nothing could say which one is true. Of the history only those row groups are read whose
keys overlap with the load's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from passerelle.errors import DuplicateKey
from passerelle.landing import ROW_GROUP_ROWS

_LARGEST = 2**62
_ADDED_LATER = ("_is_correction", "_load_id")


def settle(
    waiting: Sequence[Path],
    *,
    landed: Sequence[Path],
    schema: pa.Schema,
    key: Sequence[str],
    name: str,
    to: Path,
) -> int:
    """Put the new versions of a load in a folder, with ``_is_correction`` as it should be.

    Parameters
    ----------
    waiting, landed, schema, key, name
        As for :class:`Versions`; with an empty key every row is new and nothing is compared.
    to : pathlib.Path
        The folder; it is made. Files in which nothing changes are moved, not written again.

    Returns
    -------
    int
        Rows in the folder.

    Raises
    ------
    DuplicateKey
        One version has two contents.
    """
    to.mkdir(parents=True, exist_ok=True)
    counts = [pq.read_metadata(path).num_rows for path in waiting]
    if not key or not waiting:
        for path in waiting:
            path.rename(to / path.name)
        return sum(counts)
    is_new, is_correction = Versions(
        waiting, landed=landed, schema=schema, key=key, name=name
    ).new_and_correcting()
    ends = np.cumsum(counts)
    for path, start, end in zip(waiting, ends - counts, ends, strict=True):
        _settle_file(path, is_new[start:end], is_correction[start:end], to / path.name)
    return int(is_new.sum())


def _settle_file(path: Path, is_new: np.ndarray, is_correction: np.ndarray, to: Path) -> None:
    if is_new.all() and not is_correction.any():
        path.rename(to)
    elif is_new.any():
        table = pq.read_table(path)
        position = table.column_names.index("_is_correction")
        table = table.set_column(position, "_is_correction", pa.array(is_correction)).filter(pa.array(is_new))
        pq.write_table(table, to, row_group_size=ROW_GROUP_ROWS)


class Versions:
    """The rows of one table's load, beside what has landed before.

    Keys become whole numbers, the same in the load and in the history: ten million of them are compared in seconds.

    Parameters
    ----------
    waiting : sequence of pathlib.Path
        Parquet files of the load.
    landed : sequence of pathlib.Path
        Parquet files of earlier loads; they may lack columns that were declared since.
    schema : pyarrow.Schema
        The declared columns.
    key : sequence of str
        Key columns; not empty.
    name : str
        The table, for messages.
    """

    def __init__(
        self,
        waiting: Sequence[Path],
        *,
        landed: Sequence[Path],
        schema: pa.Schema,
        key: Sequence[str],
        name: str,
    ) -> None:
        self._waiting, self._key, self._name = list(waiting), list(key), name
        self._version = [*self._key, "_known_at"]
        self._landed = (
            ds.dataset([str(path) for path in landed], schema=schema, format="parquet") if landed else None
        )
        self._load = pa.concat_tables([pq.read_table(path, columns=self._version) for path in self._waiting])

    def new_and_correcting(self) -> tuple[np.ndarray, np.ndarray]:
        """Per row of the load, in the order of its files: is it a new version, and does it correct an earlier one.

        Raises
        ------
        DuplicateKey
            One version has two contents, in the load or against what has landed.
        """
        count = self._load.num_rows
        keys, moments = self._numbered(pa.concat_tables([self._load, self._overlapping_history()]))
        versions = keys * (moments.max(initial=0) + 1) + moments
        distinct, first_rows, times = np.unique(versions[:count], return_index=True, return_counts=True)
        has_landed = _is_in(versions[:count], versions[count:])
        self._refuse_two_contents(has_landed | _is_in(versions[:count], distinct[times > 1]))

        is_new = np.zeros(count, dtype=bool)
        is_new[first_rows] = True
        is_new &= ~has_landed
        is_correction = _is_in(keys[:count], keys[count:])
        keys_of_versions = keys[first_rows]
        is_correction[first_rows[1:][keys_of_versions[1:] == keys_of_versions[:-1]]] = True
        return is_new, is_correction & is_new

    def _overlapping_history(self) -> pa.Table:
        """Versions that have landed with keys in the range of the load's, told by the statistics of row groups."""
        if self._landed is None or not self._load.num_rows:
            return self._load.slice(0, 0)
        ranges = {name: pc.min_max(self._load[name]).as_py() for name in self._key}
        within = [
            (ds.field(name) >= ends["min"]) & (ds.field(name) <= ends["max"]) for name, ends in ranges.items()
        ]
        return self._landed.to_table(columns=self._version, filter=reduce(and_, within))

    def _numbered(self, rows: pa.Table) -> tuple[np.ndarray, np.ndarray]:
        """Keys as whole numbers, equal where keys are, and known-at dates as their ranks, earliest 0."""
        distinct, moments = np.unique(rows["_known_at"].to_numpy(), return_inverse=True)
        keys, bound = np.zeros(rows.num_rows, dtype=np.int64), 1
        for name in self._key:
            coded = rows[name].combine_chunks().dictionary_encode()
            if bound * len(coded.dictionary) * len(distinct) > _LARGEST:
                seen, keys = np.unique(keys, return_inverse=True)
                bound = len(seen)
            keys = keys * len(coded.dictionary) + coded.indices.to_numpy()
            bound *= len(coded.dictionary)
        return keys, moments

    def _refuse_two_contents(self, is_contested: np.ndarray) -> None:
        """Compare whole rows of the same version, those of the load and those that have landed."""
        if not is_contested.any():
            return
        contents = self._whole_rows(np.flatnonzero(is_contested))
        contents = pa.concat_tables([contents, self._landed_rows(contents)])
        distinct = contents.group_by(contents.column_names).aggregate([])
        versions = distinct.group_by(self._version).aggregate([([], "count_all")])
        contradictory = versions.filter(pc.field("count_all") > 1)
        if contradictory.num_rows:
            first = (
                contradictory.sort_by([(name, "ascending") for name in self._version])
                .slice(0, 1)
                .to_pylist()[0]
            )
            raise self._duplicate(first, contradictory.num_rows)

    def _whole_rows(self, rows: np.ndarray) -> pa.Table:
        parts, start = [], 0
        for path in self._waiting:
            table = pq.read_table(path).drop_columns(list(_ADDED_LATER))
            of_file = rows[(rows >= start) & (rows < start + table.num_rows)] - start
            parts.append(table.take(pa.array(of_file)))
            start += table.num_rows
        return pa.concat_tables(parts)

    def _landed_rows(self, contents: pa.Table) -> pa.Table:
        """Landed rows of the same versions, with the same columns."""
        if self._landed is None:
            return contents.slice(0, 0)
        earliest, latest = pc.min_max(contents["_known_at"]).values()
        known = (ds.field("_known_at") >= earliest) & (ds.field("_known_at") <= latest)
        landed = self._landed.to_table(columns=contents.column_names, filter=known)
        return landed.join(contents.select(self._version), keys=self._version, join_type="left semi")

    def _duplicate(self, version: dict[str, Any], count: int) -> DuplicateKey:
        key = ", ".join(f"{name} = {version[name]}" for name in self._key)
        others = f", and {count - 1} more" if count > 1 else ""
        return DuplicateKey(
            f"{self._name}: {key} has two different contents known at {version['_known_at']} UTC{others}",
            allowed="one content per key and known-at date; a correction has a later one",
            fix="the sender, or 'key' in the system's toml",
        )


def _is_in(numbers: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.isin(numbers, others) if len(others) else np.zeros(len(numbers), dtype=bool)
