"""Plays the systems that send files: each in its dialect, a file per day of export, never touched again."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from passerelle.atomic import write_atomically
from passerelle.demo_school.chance import day_number
from passerelle.demo_school.marker import Marker
from passerelle.demo_school.school_calendar import DAY
from passerelle.demo_school.world import FILE_DAY
from passerelle.school import System, Table

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def write_export_files(
    folder: Path,
    system: System,
    tables: Mapping[str, pa.Table],
    *,
    now: dt.date,
    nightly_from: dt.date,
    marker: Marker,
) -> int:
    """Write the files of one system dated before ``now`` that are not yet there; no rows, no file.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    ConfigError
        The folder holds files that this simulator did not make, or another play.
    """
    marker.claim(folder, location_env=system.location_env)
    written = 0
    for name, rows in tables.items():
        table = system.tables[name]
        last = _last_export(folder, table)
        for day, part in _exports(rows, table, last=last, now=now, nightly_from=nightly_from):
            path = folder / str(table.file).format(date=np.datetime64(day, "D"))
            write_atomically(path, encode(part.select(list(table.columns)), system))
            written += part.num_rows
    return written


def clear_export_files(folder: Path, system: System) -> None:
    """Remove what the simulator wrote, if the folder is its own."""
    mark = folder / Marker.file_name
    if mark.exists():
        for table in system.tables.values():
            for path in folder.glob(str(table.file).format(date="*")):
                path.unlink()
        mark.unlink()


def encode(rows: pa.Table, system: System) -> bytes:
    """Rows as one file in the system's dialect: delimiter, encoding, dates, byte order mark.

    Raises
    ------
    pyarrow.ArrowInvalid
        A value would need quotes.
    UnicodeEncodeError
        A letter does not exist in the system's encoding.
    """
    columns = {name: _as_text(rows[name], system) for name in rows.column_names}
    options = pa.csv.WriteOptions(delimiter=system.delimiter, quoting_style="none", quoting_header="none")
    sink = io.BytesIO()
    pa.csv.write_csv(pa.table(columns), sink, options)
    content = sink.getvalue()
    if system.encoding == "latin-1":
        return content.decode("utf-8").encode("latin-1")
    return BYTE_ORDER_MARK + content if system.encoding == "utf-8-sig" else content


def _as_text(values: pa.ChunkedArray, system: System) -> pa.ChunkedArray:
    if pa.types.is_dictionary(values.type):
        return values.cast(pa.string())
    if pa.types.is_date(values.type):
        return pc.strftime(values, format=system.date_format)
    if pa.types.is_timestamp(values.type):
        return pc.strftime(values, format=system.timestamp_format)
    return values


def _exports(
    rows: pa.Table, table: Table, *, last: int | None, now: dt.date, nightly_from: dt.date
) -> Iterator[tuple[int, pa.Table]]:
    """Day and rows of each export after the last one; rows are in order of the day they were known."""
    days = _known_days(rows, table)
    if len(days) == 0:
        return
    after = days[0] - 1 if last is None else last
    if table.known_at == "file_date":
        ends = np.unique(days[(days > after) & (days < day_number(now))])
    else:
        ends = _export_days(after, now=now, nightly_from=nightly_from)
    begin = int(np.searchsorted(days, after, side="right"))
    for day in ends:
        end = int(np.searchsorted(days, day, side="right"))
        if end > begin:
            yield int(day), rows.slice(begin, end - begin)
        begin = end


def _known_days(rows: pa.Table, table: Table) -> np.ndarray:
    """Day of export of each row. Records are made by day, when the date in UTC is the school's own."""
    if table.known_at == "file_date":
        return rows[FILE_DAY].cast(pa.int32()).to_numpy().astype(np.int64)
    return rows[table.known_at].cast(pa.int64()).to_numpy() // DAY


def _export_days(after: int, *, now: dt.date, nightly_from: dt.date) -> np.ndarray:
    """Days of export after one day and before now: ends of years, later every night, and yesterday."""
    yesterday, first_night = day_number(now) - 1, day_number(nightly_from)
    year_ends = [day_number(dt.date(year, 12, 31)) for year in range(1970, nightly_from.year)]
    bulk = [*year_ends, first_night - 1, min(yesterday, first_night - 1)]
    days = np.union1d(bulk, np.arange(first_night, yesterday + 1))
    return days[(days > after) & (days <= yesterday)]


def _last_export(folder: Path, table: Table) -> int | None:
    """Day of the newest file of a table; None when there is none."""
    before, after = str(table.file).split("{date}")
    found = [path.name.removeprefix(before).removesuffix(after) for path in folder.glob(f"{before}*{after}")]
    return max((day_number(date) for date in found), default=None)
