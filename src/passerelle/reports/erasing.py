"""A name taken out of letters that were written: pages, the outbox, and this machine's own mailbox."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from markupsafe import escape

from passerelle.atomic import write_atomically
from passerelle.reports.index import INDEX, Entry, read_index
from passerelle.reports.names import short_pseudonym
from passerelle.reports.words import Words
from passerelle.settings import Settings


@dataclass(frozen=True, kw_only=True)
class ErasedLetter:
    """A letter that named the learner: of which Monday, and whose."""

    as_of: dt.date
    owner_id: str


def erase_from_letters(
    settings: Settings,
    *,
    learner_id: str,
    enrolment_ids: Collection[str],
    names_on: Callable[[dt.date], Collection[str]],
) -> tuple[ErasedLetter, ...]:
    """Put the short pseudonym in the place of a learner's name, in every letter that names the learner.

    Parameters
    ----------
    settings : Settings
    learner_id : str
        The pseudonym.
    enrolment_ids : collection of str
        By which the letters' index knows the learner.
    names_on : callable
        The names that a letter of that Monday may show.

    Returns
    -------
    tuple of ErasedLetter
        In the order of the Mondays. Mails that have left are out of reach: their readers have to be asked.
    """
    found, message_ids = [], {}
    for folder, entry in _naming(settings, set(enrolment_ids)):
        as_of = dt.date.fromisoformat(folder.name)
        instead = Words(entry.language).say("card.pseudonym", short=short_pseudonym(learner_id))
        eraser = _Eraser(names_on(as_of), instead)
        eraser.page(folder / entry.page)
        message_id = eraser.mail(settings.part("outbox", folder.name) / entry.mail)
        if message_id:
            message_ids[message_id] = eraser
        found.append(ErasedLetter(as_of=as_of, owner_id=entry.owner))
    for path in sorted(settings.part("mailbox").glob("*/*")) if message_ids else ():
        kept = message_from_bytes(path.read_bytes(), policy=SMTP)["Message-ID"]
        if str(kept) in message_ids:
            message_ids[str(kept)].mail(path)
    return tuple(found)


def _naming(settings: Settings, enrolment_ids: set[str]) -> Iterator[tuple[Path, Entry]]:
    for index in sorted(settings.part("reports").glob(f"[0-9]*/{INDEX}")):
        for entry in read_index(index.parent):
            if enrolment_ids & set(entry.enrolments):
                yield index.parent, entry


class _Eraser:
    """Replaces names, however a line is broken between their words; whoever bears the very same name goes with it."""

    def __init__(self, names: Collection[str], instead: str) -> None:
        self._instead = instead
        self._plain = _pattern(names)
        self._html = _pattern([str(escape(name)) for name in names])

    def page(self, path: Path) -> None:
        """Replace in a page."""
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if self._html.search(text):
            write_atomically(path, self._without(text, is_html=True).encode(), mode=0o600)

    def mail(self, path: Path) -> str:
        """Replace in both forms of a mail; its Message-ID, by which it is known elsewhere."""
        if not path.is_file():
            return ""
        message = message_from_bytes(path.read_bytes(), policy=SMTP)
        parts = [part for part in message.iter_parts() if isinstance(part, EmailMessage)]
        texts = [part.get_content().replace("\r\n", "\n") for part in parts]
        if any(map(self._html.search, texts)) or any(map(self._plain.search, texts)):
            for part, text in zip(parts, texts, strict=True):
                kind = part.get_content_subtype()
                part.set_content(
                    self._without(text, is_html=kind == "html"), subtype=kind, cte="quoted-printable"
                )
            write_atomically(path, message.as_bytes(), mode=0o600)
        return str(message["Message-ID"])

    def _without(self, text: str, *, is_html: bool) -> str:
        instead = str(escape(self._instead)) if is_html else self._instead
        return (self._html if is_html else self._plain).sub(lambda _: instead, text)


def _pattern(names: Collection[str]) -> re.Pattern[str]:
    spelled = sorted(
        (r"\s+".join(map(re.escape, name.split())) for name in names if name), key=len, reverse=True
    )
    return re.compile(rf"(?<![\w-])(?:{'|'.join(spelled) or '(?!)'})(?![\w-])")
