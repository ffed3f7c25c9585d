"""One CSV file, read strictly and as text: a file that is cut, empty or in another encoding is refused as a whole."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from passerelle.errors import BadFile, UnreachableSource
from passerelle.school import System

_PIECE = 1 << 24
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SEND_AGAIN = "ask the sender for the whole file again"


@dataclass(frozen=True)
class FileFacts:
    """What one look at all bytes of a file tells, without understanding them."""

    digest: str
    size: int
    quote_count: int
    has_nul: bool
    ends_line: bool


def look_at(path: Path) -> FileFacts:
    """Read a file once, in pieces.

    Raises
    ------
    UnreachableSource
        The file cannot be read.
    """
    digest, size, quotes, nul, last = hashlib.sha256(), 0, 0, False, b""
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                size, quotes, nul = size + len(piece), quotes + piece.count(b'"'), nul or b"\0" in piece
                last = piece[-1:]
    except OSError as error:
        raise UnreachableSource(f"{path.name} cannot be read: {error.strerror}", fix=str(path)) from error
    return FileFacts(digest.hexdigest(), size, quotes, nul, last in (b"\n", b"\r"))


def refuse_broken(path: Path, facts: FileFacts) -> None:
    """Refuse a file that nobody can read.

    Raises
    ------
    BadFile
        It is empty, no text, or cut in half.
    """
    if facts.size == 0:
        raise BadFile(f"{path.name} is empty (0 bytes)", allowed="a line with the column names, then rows", fix=_SEND_AGAIN)
    if facts.has_nul:
        raise BadFile(
            f"{path.name} holds NUL bytes: it is no text, or in UTF-16", allowed="text as declared", fix=_SEND_AGAIN
        )
    if facts.quote_count % 2:
        raise BadFile(
            f"{path.name} is cut in half: a quotation mark is opened and never closed",
            allowed="every quotation mark in pairs",
            fix=_SEND_AGAIN,
        )
    if not facts.ends_line:
        raise BadFile(
            f"{path.name} is cut in half: its last line has no line break",
            allowed="a line break after every line, the last one included",
            fix=f"{_SEND_AGAIN}; if it is whole, add a line break at its end",
        )


def header(path: Path, system: System) -> list[str]:
    """Names in the first line of a file."""
    with path.open("rb") as file:
        first = file.readline().removeprefix(_BYTE_ORDER_MARK)
    encoding = "latin-1" if system.encoding == "latin-1" else "utf-8"
    try:
        return next(csv.reader([first.decode(encoding)], delimiter=system.delimiter), [])
    except UnicodeDecodeError as error:
        raise _wrong_encoding(path, "row 1", system) from error


def read_as_text(path: Path, system: System, *, columns: Sequence[str]) -> pa.Table:
    """All rows of a file, each column a dictionary of text, nulls where the system's null markers stand.

    Parameters
    ----------
    path : pathlib.Path
    system : System
        Delimiter, encoding and null markers.
    columns : sequence of str
        Names in the first line.

    Raises
    ------
    BadFile
        A row has too few or too many fields, or the file is in the wrong encoding; the message never shows a row.
    """
    content = _as_utf8(path, system)
    try:
        return _parsed(content, system, columns, find_row=False)
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            raise _wrong_encoding(path, _row_not_utf8(path), system) from None
        raise _wrong_row(path, content, system, columns) from None


def _as_utf8(path: Path, system: System) -> pa.Buffer:
    """Content of a file in UTF-8; a Latin-1 file that reads well as UTF-8 is UTF-8, and so in the wrong encoding."""
    mapped = pa.memory_map(str(path)).read_buffer()
    if system.encoding != "latin-1":
        return mapped
    content = mapped.to_pybytes()
    if not content.isascii():
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            return pa.py_buffer(content.decode("latin-1").encode("utf-8"))
        raise _wrong_encoding(path, "the whole file, which is UTF-8", system)
    return mapped


def _parsed(content: pa.Buffer, system: System, columns: Sequence[str], *, find_row: bool) -> pa.Table:
    wrong_rows: list[tuple[int, int, int]] = []

    def refuse(row: pa.csv.InvalidRow) -> str:
        wrong_rows.append((row.number or 0, row.expected_columns, row.actual_columns))
        return "error"

    try:
        return pa.csv.read_csv(
            pa.BufferReader(content),
            read_options=pa.csv.ReadOptions(use_threads=not find_row, block_size=_PIECE),
            parse_options=pa.csv.ParseOptions(
                delimiter=system.delimiter, newlines_in_values=True, invalid_row_handler=refuse
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.dictionary(pa.int32(), pa.string())),
                null_values=list(system.null_markers),
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        if find_row and wrong_rows:
            raise _WrongRow(*wrong_rows[0]) from None
        raise


class _WrongRow(Exception):
    """A row with too few or too many fields: its number, the fields expected and found."""


def _wrong_row(path: Path, content: pa.Buffer, system: System, columns: Sequence[str]) -> BadFile:
    try:
        _parsed(content, system, columns, find_row=True)
    except _WrongRow as wrong:
        number, expected, found = wrong.args
        few = found < expected
        return BadFile(
            f"{path.name} {'is cut in half' if few else 'is broken'}: row {number} has {found} fields",
            allowed=f"{expected} fields in every row, separated by '{system.delimiter}'",
            fix=_SEND_AGAIN,
        )
    except pa.ArrowInvalid:
        pass
    return BadFile(f"{path.name} cannot be read as CSV", allowed=f"CSV separated by '{system.delimiter}'", fix=_SEND_AGAIN)


def _row_not_utf8(path: Path) -> str:
    """Line of the first byte that is not UTF-8."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return f"line {number}"
    return "some line"


def _wrong_encoding(path: Path, where: str, system: System) -> BadFile:
    return BadFile(
        f"{path.name} is in the wrong encoding: {where}",
        allowed=system.encoding,
        fix=f"{_SEND_AGAIN} in that encoding, or change 'encoding' in the system's toml",
    )
