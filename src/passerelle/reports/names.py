"""What a person's name looks like once it can do no harm in a page, a mail or a line of text."""

from __future__ import annotations

import unicodedata

LONGEST_NAME = 80
_ALLOWED_FORMAT_CHARACTERS = "\u200c\u200d"  # joiners: Persian and Indic spelling, and emoji made of several
_REFUSED_CATEGORIES = ("Cc", "Cf", "Co", "Cs")
_SHORT_PSEUDONYM_DIGITS = 8


def shown_name(*parts: object) -> str:
    """First and last name on one line, without control characters or direction overrides.

    Parameters
    ----------
    *parts : object
        Parts of the name in the order of speech; whatever is not text counts as missing.

    Returns
    -------
    str
        At most `LONGEST_NAME` characters; empty when nothing readable is left.
    """
    text = " ".join(part for part in parts if isinstance(part, str))
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    harmless = " ".join("".join(filter(_is_harmless, spaced)).split())
    if len(harmless) <= LONGEST_NAME:
        return harmless
    return harmless[: LONGEST_NAME - 1].rstrip() + "…"


def short_pseudonym(person_id: str) -> str:
    """The part of a pseudonym that is enough to tell the people of one report apart.

    >>> short_pseudonym("lrn_0123456789abcdef")
    '01234567'
    """
    return person_id.rpartition("_")[2][:_SHORT_PSEUDONYM_DIGITS]


def _is_harmless(character: str) -> bool:
    is_refused = unicodedata.category(character) in _REFUSED_CATEGORIES
    return not is_refused or character in _ALLOWED_FORMAT_CHARACTERS
