"""One way to speak to everybody: Dutch `je`, French `vous`, and one kind of apostrophe, in every text that is read."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support_need.sentences import SENTENCES

PROJECT_DIR = Path(__file__).resolve().parents[2]
REFUSED = {
    "nl": r"\b(u|uw|uwe|uzelf)\b",
    "fr": r"\b(tu|te|t'\w+|toi|ton|ta|tes|tien|tienne)\b|’",
    "en": r"’",
}


def texts(entry: Any) -> Iterator[str]:
    """Every text of a catalogue, however deep."""
    if isinstance(entry, dict | list | tuple):
        for each in entry.values() if isinstance(entry, dict) else entry:
            yield from texts(each)
    elif isinstance(entry, str):
        yield entry


def said_in(language: str) -> list[str]:
    catalogues = [
        path
        for folder in ("src", "schools")
        for path in (PROJECT_DIR / folder).rglob(f"{language}.toml")
        if path.parent.name in ("translations", "playbook", "answers")
    ]
    assert {path.parent.name for path in catalogues} == {"translations", "playbook", "answers"}
    said = [text for path in catalogues for text in texts(tomllib.loads(path.read_text(encoding="utf-8")))]
    return said + [text for by_language in SENTENCES.values() for text in by_language[language]]


@pytest.mark.parametrize("language", REFUSED)
def test_everybody_is_spoken_to_in_the_same_way(language: str) -> None:
    said = said_in(language)
    assert len(said) > 200
    assert [text for text in said if re.search(REFUSED[language], text, re.IGNORECASE)] == []


@pytest.mark.parametrize(
    ("language", "spoken"),
    [
        ("nl", "Uw bureau"),
        ("nl", "Klopt uw lijst?"),
        ("fr", "Où en es-tu ?"),
        ("fr", "Comment vont tes matinées ?"),
    ],
)
def test_the_other_way_would_be_found(language: str, spoken: str) -> None:
    assert re.search(REFUSED[language], spoken, re.IGNORECASE)


def test_templates_hold_no_words_of_their_own() -> None:
    """Words stand in the catalogues, where the three languages are compared."""
    templates = [path for path in (PROJECT_DIR / "src").rglob("*.j2") if "cohort_page" not in path.parts]
    assert len(templates) > 10
    for path in templates:
        if path.parent.parent.name in ("reports", "desk") and path.suffixes[-2] in (".html", ".txt"):
            bare = re.sub(r"{[%{#].*?[%}#]}", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
            bare = re.sub(r"<[^>]*>|@media[^@]*$", " ", bare)
            assert re.findall(r"[^\W\d_]{3,}", bare) == [], path
