"""The step: look at each mail of a Monday's outbox once more, and hand it over once."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from passerelle.errors import ConfigError, ReportError
from passerelle.reports.bounces import is_maildir, returned
from passerelle.reports.post import Carrier, Post, post_of
from passerelle.reports.sent_log import SentLog
from passerelle.school import load_school
from passerelle.settings import Settings

FOLLOWED = """
with latest as (
    select * from caseloads
    qualify row_number() over (partition by caseload_id order by known_at desc) = 1
)
select distinct coach_id, enrolment_id from latest
where start_date <= date '{today}' and coalesce(end_date, date '{today}') >= date '{today}'
"""
Pairs = set[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail of the outbox.

    Attributes
    ----------
    owner_id : str
    path : pathlib.Path
    enrolments : tuple of str
        Everybody whom it names.
    is_deliverable : bool
        Whether it has a real address.
    """

    owner_id: str
    path: Path
    enrolments: tuple[str, ...]
    is_deliverable: bool

    def named_without_right(self, followed: Pairs) -> int:
        """How many it names whom this coach does not follow any more."""
        return sum((self.owner_id, enrolment) not in followed for enrolment in self.enrolments)


@dataclass(frozen=True, kw_only=True)
class SendResult:
    """What one run of sending did; no names, no addresses.

    Attributes
    ----------
    post : str
        Who carried the mails.
    mailbox : str
        Where they lie when the post is this machine's own.
    why_none : str
        Why nothing was sent at all; empty when something could be.
    counts : dict of str to int
        Mails by state, over all runs for this Monday.
    trouble : dict of str to str
        State and reason of each mail that did not surely arrive, by owner.
    """

    post: str
    mailbox: str = ""
    why_none: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    trouble: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Plain values, fit for JSON."""
        return dict(vars(self))


def send_mails(settings: Settings, *, as_of: dt.date, dry_run: bool = False) -> SendResult:
    """Send the mails of one Monday that have not been sent.

    Only the school's current Monday leaves the house: a past one that is run again is written, never sent.

    Parameters
    ----------
    settings : Settings
        Names the mail server, if any.
    as_of : datetime.date
        The Monday.
    dry_run : bool, default False
        Look at everything, send nothing and write nothing down.

    Raises
    ------
    ReportError
        The Monday has no outbox.
    UnreachableMailServer, ConfigError
        The mail server cannot be used; what has left stays so.
    """
    letters = _outbox(settings, as_of)
    today = load_school(settings.school).today()
    with _alone(settings), post_of(settings) as post:
        mailbox = "" if settings.smtp_host else str(settings.part("mailbox"))
        if as_of < today - dt.timedelta(days=today.weekday()):
            return SendResult(post=post.name, why_none=f"{as_of} is a past Monday")
        log = SentLog(settings.part("sent.sqlite"), post="local" if mailbox else "school")
        if not dry_run:
            _note_bounces(settings, log)
        run = _Run(as_of=as_of, log=log, post=post, followed=_followed(settings, today), dry_run=dry_run)
        run.all(letters, sender=settings.mail_from)
        return SendResult(post=post.name, mailbox=mailbox, counts=run.counts(), trouble=run.trouble())


def allow_again(settings: Settings, *, as_of: dt.date, owner_id: str) -> None:
    """Let one uncertain or bounced mail be sent again, because a person has looked.

    Raises
    ------
    ReportError
        No mail of that owner and Monday is uncertain or came back.
    """
    log = SentLog(settings.part("sent.sqlite"), post="school" if settings.smtp_host else "local")
    with _alone(settings):
        if not log.allow_again(as_of, owner_id):
            raise ReportError(
                f"the mail to {owner_id} of {as_of} is neither uncertain nor came back",
                allowed="an owner that the summary lists as uncertain or bounced",
                fix="passerelle send --dry-run shows them",
            )


@dataclass(kw_only=True)
class _Run:
    """One pass over a Monday's outbox."""

    as_of: dt.date
    log: SentLog
    post: Post
    followed: Pairs
    dry_run: bool
    told: dict[str, tuple[str, str]] = field(default_factory=dict)

    def all(self, letters: list[Letter], *, sender: str | None) -> None:
        """Every letter, over one connection."""
        carrier, before = Carrier(self.post), self.log.states(self.as_of)
        try:
            for letter in letters:
                state, detail = before.get(letter.owner_id, ("", ""))
                if state in ("sent", "sending", "bounced"):
                    self.told[letter.owner_id] = ("uncertain" if state == "sending" else state, detail)
                else:
                    self.told[letter.owner_id] = self._one(letter, carrier, sender)
        finally:
            carrier.close()

    def _one(self, letter: Letter, carrier: Carrier, sender: str | None) -> tuple[str, str]:
        strangers = letter.named_without_right(self.followed)
        if not letter.is_deliverable:
            return "no address", "the vault has no e-mail address for this owner"
        if strangers:
            reason = f"it names {strangers} whom this coach does not follow any more; write the reports again"
            return "withheld", reason
        if self.dry_run:
            return "would be sent", ""
        message = _opened(letter.path, sender)
        if not self.log.claim(self.as_of, letter.owner_id, message_id=str(message["Message-ID"])):
            return "uncertain", "another run has it"
        try:
            state, detail = carrier.carry(
                message.as_bytes(), sender=_address(message, "From"), recipient=_address(message, "To")
            )
        except (ReportError, ConfigError):
            self.log.settle(self.as_of, letter.owner_id, "deferred", "the mail server was out of reach")
            raise
        if state != "sending":
            self.log.settle(self.as_of, letter.owner_id, state, detail)
        return ("uncertain" if state == "sending" else state), detail

    def counts(self) -> dict[str, int]:
        """Mails by state."""
        return dict(sorted(Counter(state for state, _ in self.told.values()).items()))

    def trouble(self) -> dict[str, str]:
        """Mails that somebody has to look at."""
        return {
            owner: f"{state}: {detail}"
            for owner, (state, detail) in self.told.items()
            if state not in ("sent", "would be sent")
        }


def _outbox(settings: Settings, as_of: dt.date) -> list[Letter]:
    index = settings.part("reports", as_of.isoformat(), "index.json")
    if not index.is_file():
        raise ReportError(
            f"no reports of {as_of} to send",
            allowed="a Monday whose reports are written",
            fix=f"passerelle report --as-of {as_of}",
        )
    folder = settings.part("outbox", as_of.isoformat())
    return [_letter(entry, folder) for entry in json.loads(index.read_text())["reports"]]


def _letter(entry: dict[str, Any], folder: Path) -> Letter:
    return Letter(
        owner_id=entry["owner"],
        path=folder / entry["mail"],
        enrolments=tuple(entry["enrolments"]),
        is_deliverable=entry["deliverable"],
    )


def _followed(settings: Settings, today: dt.date) -> Pairs:
    """Coach and enrolment of every caseload that stands today, as the published warehouse knows it."""
    from passerelle.warehouse import Warehouse

    rows = Warehouse(settings).frame(FOLLOWED.format(today=today.isoformat()))
    return set(rows[["coach_id", "enrolment_id"]].itertuples(index=False, name=None))


def _opened(path: Path, sender: str | None) -> EmailMessage:
    """A mail of the outbox as it leaves: no draft any more, from the school's own address."""
    message = message_from_bytes(path.read_bytes(), policy=SMTP)
    del message["X-Unsent"]
    if sender:
        message.replace_header("From", Address("Passerelle", addr_spec=sender))
    return message


def _address(message: EmailMessage, header: str) -> str:
    return str(message[header].addresses[0].addr_spec)


def _note_bounces(settings: Settings, log: SentLog) -> None:
    folder = settings.bounces_dir
    if folder is None:
        return
    if not is_maildir(folder):
        raise ConfigError(
            f"PASSERELLE_BOUNCES_DIR {folder} is not a Maildir",
            allowed="a folder with new/ and cur/",
            fix="PASSERELLE_BOUNCES_DIR in the environment or .env",
        )
    for message_id, status in returned(folder):
        log.bounced(message_id, f"it came back with {status}")


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Let one sender in; a second waits, and then finds the work done."""
    with settings.part("sent.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
