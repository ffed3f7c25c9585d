"""What a coach sent, checked: an answer, or what is wrong with it."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass

from passerelle.answer_book import Answer
from passerelle.answer_links import VERDICTS
from passerelle.desk.choices import Choices

LONGEST_NOTE = 2_000
FURTHEST_FOLLOW_UP = dt.timedelta(days=365)
_REFUSED_CATEGORIES = ("Cc", "Cf", "Co", "Cs")


class Wrong(Exception):
    """What was sent cannot be an answer; the argument is the key of the text that says why."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The fields of the form, as they came."""

    verdict: str = ""
    action: str = ""
    channel: str = ""
    follow_up: str = ""
    note: str = ""


def checked(
    sent: Sent,
    *,
    answer_id: str,
    enrolment_id: str,
    coach_id: str,
    list_date: dt.date,
    choices: Choices,
    today: dt.date,
) -> Answer:
    """The answer that was sent.

    Raises
    ------
    Wrong
        ``verdict``, ``choice``, ``follow_up`` or ``note``.
    """
    if sent.verdict not in VERDICTS:
        raise Wrong("verdict")
    if sent.action not in {"", *choices.actions} or sent.channel not in {"", *choices.channels}:
        raise Wrong("choice")
    note = harmless_text(sent.note)
    if len(note) > LONGEST_NOTE:
        raise Wrong("note")
    return Answer(
        answer_id=answer_id,
        enrolment_id=enrolment_id,
        coach_id=coach_id,
        list_date=list_date,
        verdict=sent.verdict,
        action_code=sent.action or None,
        channel=sent.channel or None,
        action_date=today,
        follow_up_date=_follow_up(sent.follow_up, today),
        note=note,
    )


def _follow_up(text: str, today: dt.date) -> dt.date | None:
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise Wrong("follow_up") from None
    if not today <= day <= today + FURTHEST_FOLLOW_UP:
        raise Wrong("follow_up")
    return day


def harmless_text(text: str) -> str:
    """Free text without control characters and direction marks; line breaks stay."""
    lines = unicodedata.normalize("NFC", text).splitlines()
    kept = ("".join(character for character in line if _is_harmless(character)).strip() for line in lines)
    return "\n".join(kept).strip()


def _is_harmless(character: str) -> bool:
    return unicodedata.category(character) not in _REFUSED_CATEGORIES
