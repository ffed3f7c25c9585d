"""Hand tables of the warehouse to people who work elsewhere: parquet for programs, CSV for spreadsheets.

A spreadsheet takes a cell that begins with ``=`` for a formula. In CSV such texts get an apostrophe before them, also
where blanks or full-width characters hide the sign (OWASP, CSV Injection; CWE-1236). Parquet holds them as they are.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.atomic import write_atomically
from passerelle.errors import ConfigError, QueryError
from passerelle.warehouse import Warehouse

if TYPE_CHECKING:
    import pyarrow as pa

#: What a spreadsheet would run: = + - @, also full width, after any blanks; or a leading tab, return or NUL.
FORMULA = r"^([\s\pZ\x00]*[=+\-@＝＋－＠]|[\t\r\n\x00])"


class ExportFormat(StrEnum):
    """What a table is written as."""

    PARQUET = "parquet"
    CSV = "csv"


def export(
    warehouse: Warehouse,
    tables: tuple[str, ...],
    *,
    folder: Path,
    file_format: ExportFormat,
    as_of: dt.date | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, dict[str, object]]:
    """Write marts to files, one a table; each file is whole or not there.

    Parameters
    ----------
    warehouse : Warehouse
    tables : tuple of str
        Tables of the schema ``marts``; none for every ``mart_`` table.
    folder : pathlib.Path
        Made when it is missing.
    file_format : ExportFormat
    as_of : datetime.date, optional
        That Monday's own warehouse; default the published one.
    progress : callable, optional
        Called with a text, the number of tables done, and their total.

    Returns
    -------
    dict
        Table to its ``file`` and ``rows``.

    Raises
    ------
    QueryError
        A table that is no mart; nothing is written then.
    ConfigError
        The folder cannot be made.
    """
    chosen = _chosen(tables, _marts(warehouse, as_of))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"cannot write into {folder}: {error.strerror}", allowed="a folder", fix="--to"
        ) from error
    written: dict[str, dict[str, object]] = {}
    for done, name in enumerate(chosen):
        if progress:
            progress(f"export {name}", done, len(chosen))
        table = warehouse.query(f'select * from marts."{name}"', as_of)
        path = folder / f"{name}.{file_format}"
        write_atomically(path, WRITERS[file_format](table))
        written[name] = {"file": str(path), "rows": table.num_rows}
    return written


def _chosen(tables: tuple[str, ...], standing: list[str]) -> tuple[str, ...]:
    """The tables asked for, all of which have to stand; every ``mart_`` table when none is."""
    unknown = sorted(set(tables) - set(standing))
    if unknown:
        raise QueryError(
            f"no mart named {', '.join(unknown)}",
            allowed=", ".join(standing),
            fix="the table names given to `passerelle export`",
        )
    return tables or tuple(name for name in standing if name.startswith("mart_"))


def _marts(warehouse: Warehouse, as_of: dt.date | None) -> list[str]:
    named = (
        "select table_name from information_schema.tables where table_schema = 'marts' order by table_name"
    )
    return [str(name) for name in warehouse.query(named, as_of).column("table_name").to_pylist()]


def harmless(table: pa.Table) -> pa.Table:
    """Put an apostrophe before each text that a spreadsheet would take for a formula; numbers stay numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            column = pc.replace_substring_regex(table.column(place), pattern=FORMULA, replacement=r"'\1")
            table = table.set_column(place, field, column)
    return table


def _csv(table: pa.Table) -> bytes:
    from pyarrow import csv

    sink = io.BytesIO()
    csv.write_csv(harmless(table), sink)
    return sink.getvalue()


def _parquet(table: pa.Table) -> bytes:
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


WRITERS: dict[ExportFormat, Callable[[pa.Table], bytes]] = {
    ExportFormat.CSV: _csv,
    ExportFormat.PARQUET: _parquet,
}
