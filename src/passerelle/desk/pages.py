"""Words on a page: what the desk shows, in the reader's language; nothing is decided here."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date
from jinja2 import Environment, PackageLoader, StrictUndefined

from passerelle.settings import Settings
from support_need.told_dates import LOCALES

TRANSLATIONS_DIR = Path(__file__).with_name("translations")


class Pages:
    """The pages of one desk.

    Parameters
    ----------
    settings : Settings
        Names the address of the desk, and so what stands before every path.
    """

    def __init__(self, settings: Settings) -> None:
        self._base = urlsplit(settings.desk_address).path
        self._environment = Environment(
            loader=PackageLoader("passerelle.desk"),
            auto_reload=False,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.policies["ext.i18n.trimmed"] = True

    def page(self, name: str, language: str, /, **shown: Any) -> str:
        """One page of ``templates/`` in one language."""
        template = self._environment.get_template(f"{name}.html.j2")
        return template.render(
            say=Phrases(language).say,
            date=Phrases(language).date,
            language=language,
            base=self._base,
            **shown,
        )

    def style(self) -> str:
        """The one stylesheet."""
        return self._environment.get_template("desk.css").render()


class Phrases:
    """What the desk says in one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._entries = catalogue(language)

    def say(self, key: str, **values: object) -> str:
        """One text of the catalogue, its placeholders filled."""
        return self._entries[key].format_map(values)

    def date(self, day: dt.date) -> str:
        """A date as the language writes it."""
        return format_date(day, format="long", locale=LOCALES[self._language])


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every text of one language by ``table.name``."""
    tables = tomllib.loads((TRANSLATIONS_DIR / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{table}.{name}": text for table, entries in tables.items() for name, text in entries.items()}


def preferred_language(accepted: str, languages: Iterable[str], default: str) -> str:
    """The first language of an ``Accept-Language`` header that the school has; its order counts, its weights do not."""
    known = set(languages)
    asked = (part.partition(";")[0].strip()[:2].lower() for part in accepted[:500].split(","))
    return next((language for language in asked if language in known), default)
