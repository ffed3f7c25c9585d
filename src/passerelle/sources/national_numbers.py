"""Belgian national numbers (and BIS numbers) are refused at the door, wherever they hide in a text.

A number is eleven digits, ``YYMMDD`` + counter of three + two check digits, written with or without separators
(``85.07.30-033.28``). A regular expression finds candidates in whole columns at once; only those are then checked
digit by digit. A random number of eleven digits passes for one in about 1 in 200 cases.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc
from stdnum.be import ssn

_GAP = r"[ .\-/]{0,2}"
_ELEVEN = _GAP.join([r"\d{2}", r"\d{2}", r"\d{2}", r"\d{3}", r"\d{2}"])
_CANDIDATE = re.compile(rf"(?<!\d)({_ELEVEN})(?!\d)", re.ASCII)
_HAS_CANDIDATE = rf"(^|[^0-9]){_ELEVEN}($|[^0-9])"
_IS_CANDIDATE = rf"^\s*{_ELEVEN}\s*$"
_BELGIAN_PHONE = re.compile(r"(\+|00)?32(0?[1-9]\d{7,8})|0[1-9]\d{7,8}", re.ASCII)
_NO_BREAK_SPACES = "\u00a0\u2007\u202f"


def holds_national_number(text: str, *, is_phone: bool = False) -> bool:
    """Whether a text has a valid national or BIS number in it.

    Parameters
    ----------
    text : str
        Any text.
    is_phone : bool, default False
        The text comes from a column of phone numbers: then a text that reads as one Belgian phone number is let in,
        though its digits may by chance be those of a national number.
    """
    plain = _plain(text)
    if is_phone and _BELGIAN_PHONE.fullmatch(re.sub(r"[\s./()\-]", "", plain)):
        return False
    return any(
        _is_valid(re.sub(r"\D", "", found[1])) and not _is_international_phone(plain, found)
        for found in _CANDIDATE.finditer(plain)
    )


def first_national_number(values: pa.Array, *, is_phone: bool = False, anywhere: bool = True) -> int | None:
    """Position of the first text that holds a national number, or None.

    Parameters
    ----------
    values : pyarrow.Array
        Distinct texts.
    is_phone : bool, default False
        The texts are phone numbers.
    anywhere : bool, default True
        Look inside the texts; otherwise only at texts that are nothing but a candidate, as for columns of figures.
    """
    if not anywhere:
        candidates = pc.match_substring_regex(values, _IS_CANDIDATE)
    else:
        for space in _NO_BREAK_SPACES:
            values = pc.replace_substring(values, space, " ")
        candidates = pc.match_substring_regex(values, _HAS_CANDIDATE)
    positions = pc.indices_nonzero(candidates)
    for position, text in zip(positions.to_pylist(), values.take(positions).to_pylist(), strict=True):
        if holds_national_number(text, is_phone=is_phone):
            return int(position)
    return None


def _plain(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, _NO_BREAK_SPACES), " "))


def _is_valid(digits: str) -> bool:
    nine, check = int(digits[:9]), int(digits[9:])
    fits = check in (97 - nine % 97, 97 - (2_000_000_000 + nine) % 97)
    return fits and bool(ssn.is_valid(digits))


def _is_international_phone(text: str, found: re.Match[str]) -> bool:
    return text[: found.start()].endswith("+") and found[1].startswith("32")
