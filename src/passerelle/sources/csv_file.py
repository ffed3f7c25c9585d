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


class CsvFile:
    """One file of one table; no message of it ever shows a row.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    system : System
        Delimiter, encoding and null markers.
    table_name : str
        ``system.table``, for messages.
    """

    def __init__(self, path: Path, *, system: System, table_name: str) -> None:
        self._path, self._system = path, system
        self._label = f"{table_name}: the file {path.name}"

    def look(self) -> FileFacts:
        """Read the file once, in pieces.

        Raises
        ------
        UnreachableSource
            It cannot be read.
        """
        digest, size, quotes, nul, last = hashlib.sha256(), 0, 0, False, b""
        try:
            with self._path.open("rb") as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
                    size, quotes = size + len(piece), quotes + piece.count(b'"')
                    nul, last = nul or b"\0" in piece, piece[-1:]
        except OSError as error:
            raise UnreachableSource(
                f"{self._label} cannot be read: {error.strerror}",
                allowed="a readable file",
                fix=str(self._path),
            ) from error
        return FileFacts(digest.hexdigest(), size, quotes, nul, last in (b"\n", b"\r"))

    def refuse_broken(self, facts: FileFacts) -> None:
        """Refuse a file that nobody could read.

        Raises
        ------
        BadFile
            It is empty, no text, or cut in half.
        """
        problems = {
            "is empty (0 bytes)": (facts.size == 0, "a line with the column names, then rows"),
            "holds NUL bytes: it is no text, or in UTF-16": (
                facts.has_nul,
                f"text in {self._system.encoding}",
            ),
            "is cut in half: a quotation mark is opened and never closed": (
                facts.quote_count % 2 == 1,
                "quotation marks in pairs",
            ),
            "is cut in half: its last line has no line break": (
                not facts.ends_line,
                "a line break after every line; if the file is whole, add one at its end",
            ),
        }
        for problem, (is_so, allowed) in problems.items():
            if is_so:
                raise BadFile(f"{self._label} {problem}", allowed=allowed, fix=_SEND_AGAIN)

    def header(self) -> list[str]:
        """Names in the first line.

        Raises
        ------
        BadFile
            The line is in another encoding.
        """
        with self._path.open("rb") as file:
            first = file.readline().removeprefix(_BYTE_ORDER_MARK)
        try:
            text = first.decode("latin-1" if self._is_latin else "utf-8")
        except UnicodeDecodeError:
            raise self._wrong_encoding("line 1") from None
        return next(csv.reader([text], delimiter=self._system.delimiter), [])

    def read(self, columns: Sequence[str]) -> pa.Table:
        """All rows, each column a dictionary of text, null where a null marker of the system stands.

        Parameters
        ----------
        columns : sequence of str
            Names in the first line.

        Raises
        ------
        BadFile
            A row has too few or too many fields, or the file is in the wrong encoding.
        """
        content = self._as_utf8()
        try:
            return self._parsed(content, columns)
        except pa.ArrowInvalid as error:
            if "UTF8" in str(error):
                raise self._wrong_encoding(self._line_not_utf8()) from None
            raise self._wrong_row(content, columns) from None

    @property
    def _is_latin(self) -> bool:
        return self._system.encoding == "latin-1"

    def _as_utf8(self) -> pa.Buffer:
        """Content in UTF-8; a Latin-1 file that reads well as UTF-8 is UTF-8, and so in the wrong encoding."""
        mapped = pa.memory_map(str(self._path)).read_buffer()
        if not self._is_latin:
            return mapped
        content = mapped.to_pybytes()
        if not content.isascii():
            try:
                content.decode("utf-8")
            except UnicodeDecodeError:
                return pa.py_buffer(content.decode("latin-1").encode("utf-8"))
            raise self._wrong_encoding("all of it is UTF-8")
        return mapped

    def _parsed(
        self, content: pa.Buffer, columns: Sequence[str], *, wrong_rows: list[_Row] | None = None
    ) -> pa.Table:
        """Parse on all cores; with a list for wrong rows on one, for only then are rows numbered."""

        def refuse(row: pa.csv.InvalidRow) -> str:
            if wrong_rows is not None:
                wrong_rows.append(_Row(row.number, row.expected_columns, row.actual_columns))
            return "error"

        return pa.csv.read_csv(
            pa.BufferReader(content),
            read_options=pa.csv.ReadOptions(use_threads=wrong_rows is None, block_size=_PIECE),
            parse_options=pa.csv.ParseOptions(
                delimiter=self._system.delimiter, newlines_in_values=True, invalid_row_handler=refuse
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.dictionary(pa.int32(), pa.string())),
                null_values=list(self._system.null_markers),
                strings_can_be_null=True,
            ),
        )

    def _wrong_row(self, content: pa.Buffer, columns: Sequence[str]) -> BadFile:
        wrong_rows: list[_Row] = []
        try:
            self._parsed(content, columns, wrong_rows=wrong_rows)
        except pa.ArrowInvalid:
            for row in wrong_rows:
                state = "is cut in half" if row.found < row.expected else "is broken"
                return BadFile(
                    f"{self._label} {state}: row {row.number} has {row.found} fields",
                    allowed=f"{row.expected} fields in every row, separated by '{self._system.delimiter}'",
                    fix=_SEND_AGAIN,
                )
        return BadFile(
            f"{self._label} cannot be read as CSV",
            allowed=f"CSV with '{self._system.delimiter}'",
            fix=_SEND_AGAIN,
        )

    def _line_not_utf8(self) -> str:
        with self._path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError:
                    return f"line {number}"
        return "some line"

    def _wrong_encoding(self, where: str) -> BadFile:
        return BadFile(
            f"{self._label} is in the wrong encoding: {where}",
            allowed=self._system.encoding,
            fix=f"{_SEND_AGAIN} in that encoding, or change 'encoding' in the system's toml",
        )


@dataclass(frozen=True)
class _Row:
    """A row with too few or too many fields."""

    number: int
    expected: int
    found: int
