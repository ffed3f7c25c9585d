"""What became of every mail: written down before a mail leaves and again after, so that none leaves twice.

One row per Monday, owner and post (a school's mail server, or this machine's own mailbox)::

    claimed    on the disk before any of a few mails leaves: one sync for all of them
    sending    about to be handed over; survives the end of the process, not that of the machine
    sent, refused, deferred, bounced    what became of it; the same, until the next sync

A row that still says ``sending`` when nobody is sending is a mail of which nobody knows whether it left: it is never
sent again by itself. One that says ``claimed`` has not been begun if the machine has run ever since; otherwise nobody
knows either, since the word ``sending`` may have been lost with the machine.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Self

State = Literal["claimed", "sending", "sent", "refused", "deferred", "withheld", "bounced"]
#: States in which the server has surely not taken the mail: another run may try again.
OPEN_STATES = ("refused", "deferred", "withheld")
_TABLE = """
create table if not exists mails (
    as_of_date text not null,
    owner_id text not null,
    post text not null,
    message_id text not null,
    state text not null,
    detail text not null,
    tries integer not null,
    changed_at text not null,
    primary key (as_of_date, owner_id, post)
) strict
"""
#: Says which start of the machine this is (Linux); where there is no such file, a claim is never taken for unbegun.
_BOOT = Path("/proc/sys/kernel/random/boot_id")
#: The detail of a claim is the start of the machine on which it was made.
_CLAIM = f"""
insert into mails values (:as_of, :owner, :post, :message_id, 'claimed', :boot, 1, :clock)
on conflict do update set
    state = 'claimed', detail = excluded.detail, tries = tries + 1, message_id = excluded.message_id,
    changed_at = excluded.changed_at
where state in {OPEN_STATES} or (state = 'claimed' and detail = :boot and :boot <> '')
"""


class SentLog:
    """The log of one school's mails by one post; a context that closes it.

    Parameters
    ----------
    path : pathlib.Path
        SQLite file; made for its owner only.
    post : str
        Who carries the mails. What one post has carried, another may carry again.
    """

    def __init__(self, path: Path, *, post: str) -> None:
        self._post, self._boot = post, _boot()
        path.touch(mode=0o600)
        self._connection = sqlite3.connect(path, timeout=30)
        self._connection.execute("pragma journal_mode = wal")
        with self._writing() as connection:
            connection.execute(_TABLE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def claim(self, as_of: dt.date, message_ids: Mapping[str, str]) -> set[str]:
        """Write down that these mails are about to leave; gives the owners of those that cannot have left before."""
        told = {"as_of": as_of.isoformat(), "post": self._post, "boot": self._boot, "clock": _clock()}
        with self._writing() as connection:
            return {
                owner
                for owner, message_id in message_ids.items()
                if connection.execute(_CLAIM, told | {"owner": owner, "message_id": message_id}).rowcount == 1
            }

    def settle(self, as_of: dt.date, owner_id: str, state: State, detail: str = "") -> None:
        """Write down that a claimed mail is being handed over (``sending``), or what became of it."""
        with self._writing(synchronous="normal") as connection:
            connection.execute(
                "update mails set state = ?, detail = ?, changed_at = ?"
                " where as_of_date = ? and owner_id = ? and post = ?",
                (state, detail, _clock(), as_of.isoformat(), owner_id, self._post),
            )

    def bounced(self, message_id: str, detail: str) -> bool:
        """Write down that a sent mail came back; False when no such mail is known, or it is known already."""
        with self._writing() as connection:
            changed = connection.execute(
                "update mails set state = 'bounced', detail = ?, changed_at = ?"
                " where message_id = ? and post = ? and state in ('sent', 'sending', 'claimed')",
                (detail, _clock(), message_id, self._post),
            )
            return changed.rowcount == 1

    def allow_again(self, as_of: dt.date, owner_id: str) -> bool:
        """A person has found that an uncertain mail did not arrive, or a bounced one can: it may be sent again."""
        with self._writing() as connection:
            changed = connection.execute(
                "update mails set state = 'deferred', detail = 'allowed again', changed_at = ?"
                " where as_of_date = ? and owner_id = ? and post = ? and state in ('sending', 'bounced', 'claimed')",
                (_clock(), as_of.isoformat(), owner_id, self._post),
            )
            return changed.rowcount == 1

    def states(self, as_of: dt.date, owners: Collection[str]) -> dict[str, tuple[State, str]]:
        """State and detail of the mails of one Monday to these owners; nothing of one that was never claimed."""
        rows = self._connection.execute(
            "select owner_id, state, detail from mails where as_of_date = ? and post = ?"
            " and owner_id in (select value from json_each(?))",
            (as_of.isoformat(), self._post, json.dumps(list(owners))),
        )
        return {owner_id: self._known(state, detail) for owner_id, state, detail in rows}

    def _known(self, state: State, detail: str) -> tuple[State, str]:
        """What a row tells whoever reads it later."""
        if state != "claimed":
            return state, detail
        if self._boot and detail == self._boot:
            return "deferred", "the run ended before its turn"
        return "sending", "the machine stopped when its turn was near"

    @contextmanager
    def _writing(self, *, synchronous: Literal["full", "normal"] = "full") -> Iterator[sqlite3.Connection]:
        """One transaction; on the disk when it ends, or (``normal``) when the next full one does."""
        self._connection.execute(f"pragma synchronous = {synchronous}")
        with self._connection:
            yield self._connection


def _boot() -> str:
    return _BOOT.read_text().strip() if _BOOT.is_file() else ""


def _clock() -> str:
    """When something happened in the world; nothing is computed from it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
