"""Systems that drop CSV files in a folder: each file is read once, known by its name and content.

dlt keeps, per table, the names and digests of the files read so far, so that a file that is still there, or comes
again unchanged, costs one look at its bytes.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from passerelle.errors import BadFile, NationalNumberFound, UnreachableSource
from passerelle.settings import Settings
from passerelle.sources.csv_file import CsvFile
from passerelle.sources.door import Delivery, Door, Place, check_columns, landing_schema
from passerelle.sources.national_numbers import holds_national_number

if TYPE_CHECKING:
    from dlt.sources import DltResource

_SLICE_ROWS = 1_000_000


def folder_of(place: Place, settings: Settings) -> Path:
    """Folder in which a system drops its files.

    Raises
    ------
    UnreachableSource
        There is no such folder, or we may not look into it.
    """
    folder = Path(place.system.location(settings))
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        raise UnreachableSource(
            f"{place.system_name}: the folder {folder} does not answer: {error.strerror}",
            allowed="a folder that this user may read",
            fix=place.system.place_to_fix,
        ) from error
    return folder


def files_resource(place: Place, *, name: str, folder: Path, door: Door) -> DltResource:
    """dlt resource that yields the rows of the files that are new in a folder."""
    import dlt

    def new_files() -> Iterator[pa.Table]:
        seen: dict[str, str] = dlt.current.resource_state().setdefault("files", {})
        read: dict[str, str] = {}
        for path, day in dated_files(place, folder):
            file = CsvFile(path, system=place.system, table_name=place.name)
            facts = file.look()
            if seen.get(path.name) == facts.digest:
                continue
            file.refuse_broken(facts)
            delivery = Delivery(f"the file {path.name}", first_row=2, file_date=day)
            names = file.header()
            check_columns(names, place=place, origin=delivery.origin)
            yield from _slices(door.let_in(file.read(names), delivery), place)
            read[path.name] = facts.digest
        seen.update(read)

    return dlt.resource(new_files, name=name)


def dated_files(place: Place, folder: Path) -> list[tuple[Path, dt.date | None]]:
    """Files of one table, oldest day first; no day where the table is one file of a fixed name.

    Raises
    ------
    NationalNumberFound
        A file name holds a national number; it is not repeated.
    BadFile
        A file is named almost like the table's, but without a day.
    UnreachableSource
        A file of a fixed name is not there.
    """
    expected = _expected_name(place.table_name, place)
    if "{date}" not in expected:
        return [(_present(place, folder, expected), None)]
    before, after = expected.split("{date}")
    names = [
        path.name
        for path in folder.iterdir()
        if path.is_file() and _owner(path.name, place) == place.table_name
    ]
    _refuse_names(names, place, folder)
    days = {name: _day(name.removeprefix(before).removesuffix(after)) for name in names}
    if None in days.values():
        raise BadFile(
            f"{place.name}: a file in {folder} is named like this table's, but not with a day",
            allowed=expected.replace("{date}", "YYYY-MM-DD"),
            fix="the sender: rename the file",
        )
    return [(folder / name, days[name]) for name in sorted(names, key=lambda name: (days[name], name))]


def _expected_name(table_name: str, place: Place) -> str:
    return place.system.tables[table_name].file or f"{table_name}_{{date}}.csv"


def _owner(name: str, place: Place) -> str | None:
    """Table whose files are named like this one; of several, the one that shares most with it."""
    fitting = []
    for table_name in place.system.tables:
        before, _, after = _expected_name(table_name, place).partition("{date}")
        if name.startswith(before) and name.endswith(after):
            fitting.append((len(before), table_name))
    return max(fitting, default=(0, None))[1]


def _refuse_names(names: list[str], place: Place, folder: Path) -> None:
    if any(holds_national_number(name) for name in names):
        raise NationalNumberFound(
            f"{place.name}: a Belgian national number in the name of a file in {folder}",
            allowed="no national number in any file name",
            fix="the sender: rename the file",
        )


def _present(place: Place, folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        raise UnreachableSource(
            f"{place.name}: no file {name} in {folder}",
            allowed=f"a file {name}",
            fix=place.system.place_to_fix,
        )
    return folder / name


def _day(text: str) -> dt.date | None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}|\d{8}", text, re.ASCII):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _slices(table: pa.Table, place: Place) -> Iterator[pa.Table]:
    """The rows in pieces, their dictionaries written out: a whole file's would not fit in memory."""
    for start in range(0, table.num_rows, _SLICE_ROWS):
        yield table.slice(start, _SLICE_ROWS).cast(landing_schema(place.table))
