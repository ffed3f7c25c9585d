"""The step: look at each mail of a Monday's outbox once more, and hand it over once."""

from __future__ import annotations

import datetime as dt
import fcntl
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.parser import BytesHeaderParser
from email.policy import SMTP
from itertools import islice
from pathlib import Path

from passerelle.caseloads import followed
from passerelle.errors import ConfigError, ReportError
from passerelle.reports.bounces import is_maildir, returned
from passerelle.reports.index import INDEX, Entry, read_index
from passerelle.reports.post import Carrier, post_of
from passerelle.reports.sent_log import OPEN_STATES, SentLog
from passerelle.school import load_school
from passerelle.settings import Settings
from passerelle.warehouse import Warehouse

#: Few enough that each mail leaves within seconds of the look at who still follows whom.
LOOKED_UP_AT_ONCE = 200
#: After a power cut so many mails at most are uncertain; more would save less than a tenth of a sync each.
CLAIMED_AT_ONCE = 10


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
    _refuse_without_reports(settings, as_of)
    today = load_school(settings.school).today()
    with _alone(settings), post_of(settings) as post:
        mailbox = "" if settings.smtp_host else str(settings.part("mailbox"))
        if as_of < today - dt.timedelta(days=today.weekday()):
            return SendResult(post=post.name, why_none=f"{as_of} is a past Monday")
        with _log(settings) as log, closing(Carrier(post)) as carrier:
            if not dry_run:
                _note_bounces(settings, log)
            run = _Run(
                settings=settings,
                as_of=as_of,
                today=today,
                warehouse=Warehouse(settings),
                log=log,
                carrier=carrier,
                dry_run=dry_run,
            )
            run.all()
        return SendResult(post=post.name, mailbox=mailbox, counts=run.counts(), trouble=run.trouble)


def allow_again(settings: Settings, *, as_of: dt.date, owner_id: str) -> None:
    """Let one uncertain or bounced mail be sent again, because a person has looked.

    Raises
    ------
    ReportError
        No mail of that owner and Monday is uncertain or came back.
    """
    with _alone(settings), _log(settings) as log:
        if not log.allow_again(as_of, owner_id):
            raise ReportError(
                f"the mail to {owner_id} of {as_of} is neither uncertain nor came back",
                allowed="an owner that the summary lists as uncertain or bounced",
                fix="passerelle send --dry-run shows them",
            )


@dataclass(kw_only=True)
class _Run:
    """One pass over a Monday's outbox."""

    settings: Settings
    as_of: dt.date
    today: dt.date
    warehouse: Warehouse
    log: SentLog
    carrier: Carrier
    dry_run: bool
    told: Counter[str] = field(default_factory=Counter)
    trouble: dict[str, str] = field(default_factory=dict)

    def all(self) -> None:
        """Every letter, over one connection; few at a time are looked up."""
        entries = read_index(self.settings.part("reports", self.as_of.isoformat()))
        while few := list(islice(entries, LOOKED_UP_AT_ONCE)):
            owners = [entry.owner for entry in few]
            before = self.log.states(self.as_of, owners)
            standing = followed(self.warehouse, self.today, coach_ids=owners)
            leaving = []
            for entry in few:
                known: tuple[str, str] | None = before.get(entry.owner)
                if known is None or known[0] in OPEN_STATES:
                    known = self._held_back(entry, standing)
                if known is None:
                    leaving.append(entry)
                else:
                    self._tell(entry.owner, *known)
            for start in range(0, len(leaving), CLAIMED_AT_ONCE):
                self._hand_over(leaving[start : start + CLAIMED_AT_ONCE])

    def _held_back(self, entry: Entry, standing: set[tuple[str, str]]) -> tuple[str, str] | None:
        """State and reason of a mail that does not leave this time; None when it may."""
        strangers = sum((entry.owner, enrolment) not in standing for enrolment in entry.enrolments)
        if not entry.is_deliverable:
            return "no address", "the vault has no e-mail address for this owner"
        if strangers:
            reason = f"it names {strangers} whom this coach does not follow any more; write the reports again"
            return "withheld", reason
        return ("would be sent", "") if self.dry_run else None

    def _hand_over(self, entries: list[Entry]) -> None:
        """Claim a few mails, and hand them over one by one; those whose turn does not come are given back."""
        outbox = self.settings.part("outbox", self.as_of.isoformat(), "_").parent
        mails = {entry.owner: _opened(outbox / entry.mail, self.settings.mail_from) for entry in entries}
        claimed = self.log.claim(self.as_of, {owner: mail.message_id for owner, mail in mails.items()})
        for owner in mails.keys() - claimed:
            self._tell(owner, "sending", "another run has it")
        waiting = [owner for owner in mails if owner in claimed]
        try:
            while waiting:
                owner = waiting.pop(0)
                self._tell(owner, *self._sent(owner, mails[owner]))
        finally:
            for owner in waiting:
                self.log.settle(self.as_of, owner, "deferred", "the run ended before its turn")

    def _sent(self, owner_id: str, mail: _Mail) -> tuple[str, str]:
        """Hand over one mail, written down before and after."""
        self.log.settle(self.as_of, owner_id, "sending")
        try:
            state, detail = self.carrier.carry(mail.content, sender=mail.sender, recipient=mail.recipient)
        except (ReportError, ConfigError):
            self.log.settle(self.as_of, owner_id, "deferred", "the mail server was out of reach")
            raise
        self.log.settle(self.as_of, owner_id, state, detail)
        return state, detail

    def _tell(self, owner_id: str, state: str, detail: str) -> None:
        shown = "uncertain" if state == "sending" else state
        self.told[shown] += 1
        if shown not in ("sent", "would be sent"):
            self.trouble[owner_id] = f"{shown}: {detail}"

    def counts(self) -> dict[str, int]:
        """Mails by state."""
        return dict(sorted(self.told.items()))


def _refuse_without_reports(settings: Settings, as_of: dt.date) -> None:
    if not settings.part("reports", as_of.isoformat(), INDEX).is_file():
        raise ReportError(
            f"no reports of {as_of} to send",
            allowed="a Monday whose reports are written",
            fix=f"passerelle report --as-of {as_of}",
        )


def _log(settings: Settings) -> SentLog:
    return SentLog(settings.part("sent.sqlite"), post="school" if settings.smtp_host else "local")


@dataclass(frozen=True, kw_only=True)
class _Mail:
    """A mail as it leaves: its bytes, and what is written on the envelope."""

    content: bytes
    message_id: str
    sender: str
    recipient: str


def _opened(path: Path, sender: str | None) -> _Mail:
    """A mail of the outbox as it leaves: no draft any more, from the school's own address, its parts as written."""
    head, blank, parts = path.read_bytes().partition(b"\r\n\r\n")
    headers = BytesHeaderParser(policy=SMTP).parsebytes(head + blank)
    del headers["X-Unsent"]
    if sender:
        headers.replace_header("From", Address("Passerelle", addr_spec=sender))
    return _Mail(
        content=headers.as_bytes() + parts,
        message_id=str(headers["Message-ID"]),
        sender=headers["From"].addresses[0].addr_spec,
        recipient=headers["To"].addresses[0].addr_spec,
    )


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
