"""Columns that come with a type of their own, from a database: the type must be of the declared family."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as of_type

from passerelle.errors import BadValue, SchemaMismatch
from passerelle.school import ColumnType
from passerelle.sources.casting import ARROW_TYPES

_FAMILIES: dict[ColumnType, tuple[Callable[[pa.DataType], bool], ...]] = {
    "text": (of_type.is_string, of_type.is_large_string),
    "integer": (of_type.is_integer, of_type.is_decimal),
    "number": (of_type.is_integer, of_type.is_floating, of_type.is_decimal),
    "boolean": (of_type.is_boolean,),
    "date": (of_type.is_date,),
    "timestamp": (of_type.is_timestamp,),
}


def as_declared(column: pa.Array, *, name: str, kind: ColumnType, place_name: str, fix: str) -> pa.Array:
    """A typed column as its declared type.

    Times with a zone become UTC; times without one are taken as UTC. The numbers of persons may be whole numbers.

    Raises
    ------
    SchemaMismatch
        The column is of another family, such as text where a date is declared.
    BadValue
        A value does not survive, such as 1.5 where whole numbers are declared.
    """
    if not of_type.is_null(column.type) and not any(fits(column.type) for fits in _FAMILIES[kind]):
        raise SchemaMismatch(
            f"{place_name}: column '{name}' is of type {column.type}", allowed=f"{kind}, as declared", fix=fix
        )
    try:
        cast = column.cast(pa.timestamp("us", "UTC")) if of_type.is_timestamp(column.type) else column
        cast = cast.cast(ARROW_TYPES[kind])
    except pa.ArrowInvalid:
        raise BadValue(
            f"{place_name}: a value in column '{name}' does not fit", allowed=f"{kind}, as declared", fix=fix
        ) from None
    if kind == "number" and not pc.all(pc.is_finite(cast)).as_py() and cast.null_count < len(cast):
        raise BadValue(
            f"{place_name}: an infinite or undefined number in column '{name}'", allowed=kind, fix=fix
        )
    return cast
