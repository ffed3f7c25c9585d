"""Read text as its declared type, strictly: what does not fit becomes null, and the caller says where.

Every function takes an array of distinct texts, so that a column of ten million rows costs what its distinct values
cost.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from passerelle.errors import ConfigError
from passerelle.school import ColumnType, System

ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
_TRUE, _FALSE = pa.array(["true", "t", "yes", "y", "1"]), pa.array(["false", "f", "no", "n", "0"])
_DIRECTIVES = {
    "%Y": "[0-9]{4}",
    "%m": "(?:0[1-9]|1[0-2])",
    "%d": "(?:0[1-9]|[12][0-9]|3[01])",
    "%H": "(?:[01][0-9]|2[0-3])",
    "%M": "[0-5][0-9]",
    "%S": "[0-5][0-9]",
}
_WIDTHS = {directive: 4 if directive == "%Y" else 2 for directive in _DIRECTIVES}


class Reading(NamedTuple):
    """How a type is read: what is allowed, in words, and the function that reads it."""

    allowed: str
    read: Callable[[pa.Array], pa.Array]


def reading(kind: ColumnType, system: System) -> Reading:
    """How the texts of a system's files are read as one declared type."""
    readings: dict[ColumnType, Reading] = {
        "text": Reading("text", lambda texts: texts),
        "integer": Reading("a whole number, such as 12", _integers),
        "number": Reading(
            f"a number, such as 12{system.decimal}5", lambda texts: _numbers(texts, decimal=system.decimal)
        ),
        "boolean": Reading("true or false", _booleans),
        "date": Reading(
            f"a date written as {system.date_format}",
            lambda texts: _moments(texts, written=system.date_format).cast(pa.date32()),
        ),
        "timestamp": Reading(
            f"a time in UTC written as {system.timestamp_format}",
            lambda texts: _moments(texts, written=system.timestamp_format).cast(pa.timestamp("us")),
        ),
    }
    return readings[kind]


def _kept(texts: pa.Array, fits: pa.Array) -> pa.Array:
    return pc.if_else(fits, texts, pa.scalar(None, pa.string()))


def _integers(texts: pa.Array) -> pa.Array:
    return _kept(texts, pc.match_substring_regex(texts, r"^-?[0-9]{1,18}$")).cast(pa.int64())


def _numbers(texts: pa.Array, *, decimal: str) -> pa.Array:
    fits = pc.match_substring_regex(texts, rf"^-?[0-9]+([{decimal}][0-9]+)?([eE][-+]?[0-9]{{1,2}})?$")
    return pc.replace_substring(_kept(texts, fits), decimal, ".").cast(pa.float64())


def _booleans(texts: pa.Array) -> pa.Array:
    lower = pc.utf8_lower(texts)
    known = pc.or_(pc.is_in(lower, _TRUE), pc.is_in(lower, _FALSE))
    return pc.if_else(known, pc.is_in(lower, _TRUE), pa.scalar(None, pa.bool_()))


def _moments(texts: pa.Array, *, written: str) -> pa.Array:
    """Moments to the second; a day that its month does not have (31/02) is null, not the next month."""
    fitting = _kept(texts, pc.match_substring_regex(texts, _pattern(written)))
    moments = pc.strptime(fitting, format=written, unit="s", error_is_null=True)
    if "%d" not in written:
        return moments
    start = _position(written, "%d")
    day = pc.utf8_slice_codeunits(fitting, start=start, stop=start + 2).cast(pa.int64())
    return pc.if_else(pc.equal(pc.day(moments), day), moments, pa.scalar(None, moments.type))


def _pattern(written: str) -> str:
    parts = re.split(r"(%.)", written)
    unknown = [part for part in parts if part.startswith("%") and part not in _DIRECTIVES]
    if unknown:
        raise ConfigError(
            f"the format {written} has {unknown[0]}",
            allowed=" ".join(_DIRECTIVES),
            fix="date_format and timestamp_format in the system's toml",
        )
    return "^" + "".join(_DIRECTIVES.get(part, re.escape(part)) for part in parts) + "$"


def _position(written: str, directive: str) -> int:
    before = re.findall(r"%.|.", written[: written.index(directive)])
    return sum(_WIDTHS.get(part, 1) for part in before)
