"""The door between a school's system and everything we store: what passes has its declared shape and no names.

In this order: national numbers are refused, values are read as their declared types, keys and known-at dates must be
there, identifying columns go to the vault, persons' numbers become pseudonyms, and each row gets ``_known_at``,
``_is_correction`` (settled later, among all rows of the load) and ``_load_id``. What has not passed is never written.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pyarrow as pa
import pyarrow.compute as pc

from passerelle.errors import BadValue, NationalNumberFound, SchemaMismatch
from passerelle.school import System, Table
from passerelle.sources.casting import ARROW_TYPES, reading
from passerelle.sources.national_numbers import first_national_number
from passerelle.sources.typed_columns import as_declared
from passerelle.vault import Vault, person_of

ADDED_COLUMNS = {"_known_at": pa.timestamp("us"), "_is_correction": pa.bool_(), "_load_id": pa.string()}
FIGURES = ("integer", "number", "date", "timestamp")


@dataclass(frozen=True)
class Load:
    """One pull: its id, and the UTC moment (naive) at which it began."""

    load_id: str
    began_at: dt.datetime


@dataclass(frozen=True)
class Place:
    """A declared table of a school, and the file that declares it."""

    system_name: str
    table_name: str
    system: System
    table: Table
    declared_in: Path

    @property
    def name(self) -> str:
        """``system.table``, as messages and results call it."""
        return f"{self.system_name}.{self.table_name}"


@dataclass(frozen=True)
class Delivery:
    """Where some rows come from, in words that may be shown; their first row's number; the day of their file."""

    origin: str
    first_row: int = 1
    file_date: dt.date | None = None


def landing_schema(table: Table) -> pa.Schema:
    """Columns of a table in the landing: the declared ones but for names, and those that the door adds."""
    declared = {
        name: pa.string() if name in table.pseudonyms else ARROW_TYPES[kind]
        for name, kind in table.columns.items()
        if name not in table.identifying
    }
    return pa.schema([*declared.items(), *ADDED_COLUMNS.items()])


def check_columns(found: Iterable[str], *, place: Place, origin: str) -> None:
    """Compare the columns that a system has with those that the school declares.

    Raises
    ------
    SchemaMismatch
        Naming every column that is missing, extra or there twice.
    """
    names, declared = list(found), set(place.table.columns)
    if not declared & set(names):
        problems = ["none of the declared columns"]  # and no word of what is there: it may be a person's row
    else:
        missing = sorted(declared - set(names) - set(place.table.optional_columns))
        extra = sorted(set(names) - declared)
        twice = sorted({name for name in names if names.count(name) > 1})
        found_out = {"no column": missing, "an unknown column": extra, "twice the column": twice}
        problems = [f"{what} {', '.join(columns)}" for what, columns in found_out.items() if columns]
    if problems:
        raise SchemaMismatch(
            f"{place.name}: {origin} has {'; '.join(problems)}",
            allowed=", ".join(place.table.columns),
            fix=f"the sender, or {place.declared_in} if the change was agreed",
        )


class Door:
    """Lets the rows of one table in.

    Parameters
    ----------
    place : Place
        The table.
    vault : Vault
        Where names go.
    load : Load
        The pull that the rows belong to.
    passed : callable
        Told the table's name and how many rows have just passed.
    """

    def __init__(self, place: Place, *, vault: Vault, load: Load, passed: Callable[[str, int], None]) -> None:
        self._place, self._vault, self._load, self._passed = place, vault, load, passed

    def let_in(self, raw: pa.Table, delivery: Delivery) -> pa.Table:
        """Rows as they may be stored, earliest known first.

        Parameters
        ----------
        raw : pyarrow.Table
            As the system sent them, names included: dictionaries of text from a file, typed columns from a database.
        delivery : Delivery
            Where they come from.

        Returns
        -------
        pyarrow.Table
            With :func:`landing_schema`, but text columns may be dictionaries.

        Raises
        ------
        NationalNumberFound, BadValue, SchemaMismatch
            With the table, the column and the row; never with a name or a national number.
        """
        columns = {
            name: self._read(name, raw, delivery) if name in raw.column_names else self._absent(name, raw)
            for name in self._place.table.columns
        }
        for name in self._required:
            self._refuse_null(name, columns[name], delivery)
        columns |= {"_known_at": self._known_at(columns, raw.num_rows, delivery)}
        for name, kind in self._place.table.pseudonyms.items():
            columns[name] = self._vault.pseudonyms(kind, columns[name])
        self._put_names_away(columns)
        columns["_is_correction"] = pa.repeat(False, raw.num_rows)
        columns["_load_id"] = pa.repeat(self._load.load_id, raw.num_rows)
        kept = landing_schema(self._place.table).names
        self._passed(self._place.name, raw.num_rows)
        return _earliest_first(pa.table({name: columns[name] for name in kept}))

    @property
    def _required(self) -> list[str]:
        table = self._place.table
        return [*table.key, *({table.known_at} & set(table.columns))]

    def _read(self, name: str, raw: pa.Table, delivery: Delivery) -> pa.Array:
        kind = "text" if name in self._place.table.pseudonyms else self._place.table.columns[name]
        column = _as_one(raw.column(name))
        if name in self._place.table.pseudonyms and pa.types.is_integer(column.type):
            column = column.cast(pa.string())
        if not pa.types.is_dictionary(column.type):
            column = as_declared(column, name=name, kind=kind, place_name=self._place.name, fix=self._fix)
        if pa.types.is_string(column.type):
            column = column.dictionary_encode()
        if not pa.types.is_dictionary(column.type):
            return column
        self._refuse_national_numbers(name, column, kind in FIGURES, delivery)
        values = reading(kind, self._place.system).read(column.dictionary)
        unread = pc.and_(pc.is_null(values), pc.is_valid(column.dictionary))
        if (position := pc.index(unread, True).as_py()) >= 0:
            self._refuse_value(name, kind, column, position, delivery)
        return column if kind == "text" else values.take(column.indices)

    def _absent(self, name: str, raw: pa.Table) -> pa.Array:
        return pa.nulls(raw.num_rows, ARROW_TYPES[self._place.table.columns[name]])

    def _refuse_national_numbers(
        self, name: str, column: pa.DictionaryArray, is_figure: bool, delivery: Delivery
    ) -> None:
        is_phone = name in self._place.table.phone_columns
        position = first_national_number(column.dictionary, is_phone=is_phone, anywhere=not is_figure)
        if position is not None:
            raise NationalNumberFound(
                f"{self._place.name}: a Belgian national number in column '{name}', {_row(column, position, delivery)}",
                allowed="no national number in any column",
                fix="the sender: leave it out or use another number; nothing of this table was taken in",
            )

    def _refuse_value(
        self, name: str, kind: str, column: pa.DictionaryArray, position: int, delivery: Delivery
    ) -> NoReturn:
        is_secret = name in {*self._place.table.identifying, *self._place.table.pseudonyms}
        value = "a value" if is_secret else f"'{_without_words(column.dictionary[position].as_py())}'"
        raise BadValue(
            f"{self._place.name}: {value} in column '{name}', {_row(column, position, delivery)}",
            allowed=reading(kind, self._place.system).allowed,  # type: ignore[arg-type]
            fix=self._fix,
        )

    def _refuse_null(self, name: str, column: pa.Array, delivery: Delivery) -> None:
        if column.null_count:
            row = delivery.first_row + pc.index(pc.is_null(column), True).as_py()
            raise BadValue(
                f"{self._place.name}: nothing in column '{name}', row {row} of {delivery.origin}",
                allowed="a value in every row: the column is part of the key, or says when a row was known",
                fix=self._fix,
            )

    @property
    def _fix(self) -> str:
        return f"the sender, or {self._place.declared_in} if the change was agreed"

    def _known_at(self, columns: dict[str, pa.Array], row_count: int, delivery: Delivery) -> pa.Array:
        known_at = self._place.table.known_at
        if known_at == "landed_at":
            return pa.repeat(pa.scalar(self._load.began_at, ADDED_COLUMNS["_known_at"]), row_count)
        if known_at == "file_date":
            assert delivery.file_date is not None
            midnight = dt.datetime.combine(delivery.file_date, dt.time())
            return pa.repeat(pa.scalar(midnight, ADDED_COLUMNS["_known_at"]), row_count)
        return columns[known_at].cast(ADDED_COLUMNS["_known_at"])

    def _put_names_away(self, columns: dict[str, pa.Array]) -> None:
        person, kind = person_of(self._place.table)
        if not person or not self._place.table.identifying:
            return
        names = {name: _decoded(columns[name]) for name in self._place.table.identifying}
        people = pa.table({"person_id": _decoded(columns[person]), "known_at": columns["_known_at"]} | names)
        self._vault.store(kind, people.filter(pc.field("person_id").is_valid()), source=self._place.name)


def _as_one(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return column.combine_chunks()


def _decoded(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _row(column: pa.DictionaryArray, position: int, delivery: Delivery) -> str:
    row = delivery.first_row + pc.index(column.indices, position).as_py()
    return f"row {row} of {delivery.origin}"


def _without_words(value: str) -> str:
    """A value that may be shown: its letters hidden, for a shifted column may hold a name."""
    return re.sub(r"[^\W\d_]", "x", value)[:40]


def _earliest_first(table: pa.Table) -> pa.Table:
    known_at = table.column("_known_at")
    if table.num_rows < 2 or pc.all(pc.less_equal(known_at[:-1], known_at[1:])).as_py():
        return table
    return table.take(pc.sort_indices(table, sort_keys=[("_known_at", "ascending")]))
