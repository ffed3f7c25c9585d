"""Links by which a coach answers: signed for one coach, one learner and one Monday, and expiring.

A link names nobody. It is made of the Monday, keyed digests of the coach and of the enrolment, and a signature::

    https://desk.school.example/answer/20261123.51c0e7b09d1f4a2b.9f3c5a7714e0d2c8.<signature>

The same coach, enrolment and Monday give the same link, so that a report written twice is the same bytes. Whoever reads
a link looks among the coach's own learners of that Monday for the one whose digest it carries, and so never finds
anybody else's. Signing is by itsdangerous, with a key derived from the school's own.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from passerelle.errors import LinkAltered, LinkElsewhere, LinkExpired
from passerelle.settings import Settings
from passerelle.vault_keys import VaultKeys

#: What a coach can answer, and a link propose.
VERDICTS = ("agreed", "not_useful", "already_handled")
#: A link is of use until the list after next is there.
VALID_DAYS = 14
_DIGEST_DIGITS = 16
_WHOLE_LIST = "list"
_LONGEST_TOKEN = 200


@dataclass(frozen=True)
class AnswerLink:
    """What a verified link says.

    Attributes
    ----------
    as_of : datetime.date
        The Monday whose list it was written in.
    coach : str
        Digest of the coach.
    enrolment : str
        Digest of the enrolment; empty for the coach's whole list.
    """

    as_of: dt.date
    coach: str
    enrolment: str

    @property
    def last_day(self) -> dt.date:
        """The last day on which it opens anything."""
        return self.as_of + dt.timedelta(days=VALID_DAYS)


def answer_link(
    settings: Settings, *, coach_id: str, enrolment_id: str, as_of: dt.date, verdict: str = ""
) -> str:
    """Address at which one coach answers about one learner of one Monday's list.

    Parameters
    ----------
    settings : Settings
        Names the school's key and the address of the desk.
    coach_id, enrolment_id : str
        As in ``mart_risk_list``: ``list_owner_id`` and ``enrolment_id``.
    as_of : datetime.date
        The Monday.
    verdict : str, optional
        The answer that the page proposes; nothing is recorded before the coach presses the button.
    """
    address = _address(settings, as_of, coach_id, digest_of(settings, "enrolment", enrolment_id))
    return proposing(address, verdict) if verdict else address


def proposing(address: str, verdict: str) -> str:
    """The same link, with a verdict proposed."""
    return f"{address}?verdict={verdict}"


def list_link(settings: Settings, *, coach_id: str, as_of: dt.date) -> str:
    """Address of one coach's whole list of one Monday."""
    return _address(settings, as_of, coach_id, _WHOLE_LIST)


def report_link(settings: Settings, *, coach_id: str, as_of: dt.date) -> str:
    """Address of the page of one coach's report of one Monday."""
    return _address(settings, as_of, coach_id, _WHOLE_LIST, page="report")


def read_token(settings: Settings, token: str, *, today: dt.date) -> AnswerLink:
    """Verify the last part of a link.

    Parameters
    ----------
    settings : Settings
        Names the school's key.
    token : str
        What follows the last slash of the link.
    today : datetime.date
        The school's own today.

    Raises
    ------
    LinkAltered
        Cut, changed, or signed with another school's key.
    LinkExpired
        Its last day is over.
    """
    content = token.rpartition(".")[0]
    if len(token) > _LONGEST_TOKEN or not hmac.compare_digest(
        _signed(settings, content), token.encode(errors="replace")
    ):
        raise LinkAltered(
            "the link was cut or changed on its way",
            allowed="a link exactly as it stands in the report",
            fix="open it from the report again; a mail program may have broken it over two lines",
        )
    week, coach, enrolment = content.split(".")
    link = AnswerLink(
        dt.datetime.strptime(week, "%Y%m%d").replace(tzinfo=dt.UTC).date(),
        coach,
        "" if enrolment == _WHOLE_LIST else enrolment,
    )
    if today > link.last_day:
        raise LinkExpired(
            f"the link of the list of {link.as_of} could be used until {link.last_day}",
            allowed=f"{VALID_DAYS} days from the Monday of the list",
            fix="answer from the newest report",
        )
    return link


def meant_by(settings: Settings, digest: str, *, kind: str, ids: Iterable[str]) -> str:
    """The identifier that a link's digest stands for, looked for among those that it may stand for.

    Parameters
    ----------
    settings : Settings
        Names the school's key.
    digest : str
        From an `AnswerLink`.
    kind : {"coach", "enrolment"}
    ids : iterable of str
        The coaches of that Monday, or the enrolments on the coach's own list: nobody else can be found.

    Raises
    ------
    LinkElsewhere
        None of them.
    """
    for identifier in ids:
        if hmac.compare_digest(digest_of(settings, kind, identifier), digest):
            return identifier
    raise LinkElsewhere(
        f"the link is for {'another coach' if kind == 'coach' else 'a learner who is not on this list'}",
        allowed="a learner whom the list of that Monday shows to this coach, and whom the coach still follows",
        fix="open the link of your own newest report; ask the campus lead when the caseload is wrong",
    )


def digest_of(settings: Settings, kind: str, identifier: str) -> str:
    """Keyed digest that stands for an identifier in a link; tells nothing without the school's key."""
    key = _keys(settings).derived(f"answer link {kind}")
    return hmac.digest(key, identifier.encode(), "sha256").hex()[:_DIGEST_DIGITS]


def _address(
    settings: Settings, as_of: dt.date, coach_id: str, enrolment: str, *, page: str = "answer"
) -> str:
    content = f"{as_of:%Y%m%d}.{digest_of(settings, 'coach', coach_id)}.{enrolment}"
    return f"{settings.desk_address}/{page}/{_signed(settings, content).decode()}"


def _signed(settings: Settings, content: str) -> bytes:
    from itsdangerous import Signer

    key = _keys(settings).derived("answer link signature")
    return Signer(key, digest_method=sha256, key_derivation="hmac").sign(content.encode(errors="replace"))


@lru_cache(maxsize=4)
def _keys(settings: Settings) -> VaultKeys:
    """The school's keys, checked against the vault once: a page makes dozens of links."""
    return VaultKeys(settings, settings.part("vault"))
