"""The words of the reports: one catalogue per language, dates and plurals by Babel."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from passerelle.errors import ReportError
from support_need.told_dates import LOCALES

TRANSLATIONS_DIR = Path(__file__).with_name("translations")
Entry = str | dict[str, str]


class Words:
    """What a report can say in one language.

    Parameters
    ----------
    language : str
        A language with a catalogue: ``fr``, ``nl`` or ``en``.

    Raises
    ------
    ReportError
        There is no catalogue in that language.
    """

    def __init__(self, language: str) -> None:
        if language not in languages():
            raise ReportError(
                f"no catalogue of report texts in the language '{language}'",
                allowed=", ".join(languages()),
                fix=f"{TRANSLATIONS_DIR}/<language>.toml, or the coach's language in the student system",
            )
        self.language = language
        self._entries = catalogue(language)

    @cached_property
    def _locale(self) -> Locale:
        return Locale.parse(LOCALES[self.language])

    def say(self, key: str, *, count: int | None = None, **values: object) -> str:
        """One text of the catalogue.

        Parameters
        ----------
        key : str
            Table and name, for example ``cohort.active``.
        count : int, optional
            Picks the plural form and fills ``{count}``.
        **values : object
            Fill the placeholders; a whole number is written as the language writes it.

        Raises
        ------
        ReportError
            The catalogue has no such text.
        """
        entry = self._entries.get(key)
        if entry is None:
            raise ReportError(
                f"the reports have no text '{key}' in '{self.language}'",
                allowed="the keys of the catalogue",
                fix=f"{TRANSLATIONS_DIR}/{self.language}.toml",
            )
        if count is not None:
            values["count"] = count
        text = entry if isinstance(entry, str) else entry[self._plural_form(count)]
        return text.format_map({name: self._written(value) for name, value in values.items()})

    def date(self, day: dt.date, *, form: str = "long") -> str:
        """A date as the language writes it, for example ``23 November 2026``."""
        return _date(day, form, LOCALES[self.language])

    def listing(self, texts: Iterable[str]) -> str:
        """Several texts as one enumeration: ``a, b and c``."""
        return format_list(list(texts), locale=self._locale)

    def number(self, value: int) -> str:
        """A whole number as the language writes it."""
        return _number(value, LOCALES[self.language])

    def share(self, value: float) -> str:
        """A share between 0 and 1 in whole per cents."""
        return _share(value, LOCALES[self.language])

    def _plural_form(self, count: int | None) -> str:
        return "one" if count is not None and self._locale.plural_form(count) == "one" else "other"

    def _written(self, value: object) -> object:
        return self.number(value) if isinstance(value, int) else value


@lru_cache(maxsize=4096)
def _number(value: int, locale: str) -> str:
    return format_decimal(value, locale=locale)


@lru_cache(maxsize=4096)
def _date(day: dt.date, form: str, locale: str) -> str:
    return format_date(day, format=form, locale=locale)


@lru_cache(maxsize=4096)
def _share(value: float, locale: str) -> str:
    return format_percent(value, format=Locale.parse(locale).percent_formats[None], locale=locale)


@cache
def languages() -> tuple[str, ...]:
    """Languages that have a catalogue."""
    return tuple(language for language in LOCALES if (TRANSLATIONS_DIR / f"{language}.toml").is_file())


@cache
def catalogue(language: str) -> Mapping[str, Entry]:
    """Every text of one language by ``table.name``; a text with plural forms is a table of ``one`` and ``other``."""
    tables = tomllib.loads((TRANSLATIONS_DIR / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{table}.{name}": entry for table, entries in tables.items() for name, entry in entries.items()}
