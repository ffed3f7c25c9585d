"""What became of every mail: written down before a mail leaves and again after, so that none leaves twice.

One row per Monday, owner and post (a school's mail server, or this machine's own mailbox). A row that still says
``sending`` when nobody is sending is a mail of which nobody knows whether it left: it is never sent again by itself.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

State = Literal["sending", "sent", "refused", "deferred", "withheld", "bounced"]
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
_CLAIM = f"""
insert into mails values (?, ?, ?, ?, 'sending', '', 1, ?)
on conflict do update set
    state = 'sending', detail = '', tries = tries + 1, message_id = excluded.message_id,
    changed_at = excluded.changed_at
where state in {OPEN_STATES}
"""


class SentLog:
    """The log of one school's mails by one post.

    Parameters
    ----------
    path : pathlib.Path
        SQLite file; made for its owner only.
    post : str
        Who carries the mails. What one post has carried, another may carry again.
    """

    def __init__(self, path: Path, *, post: str) -> None:
        self._path, self._post = path, post
        path.touch(mode=0o600)
        with self._open() as connection:
            connection.execute("pragma journal_mode = wal")
            connection.execute(_TABLE)

    def claim(self, as_of: dt.date, owner_id: str, *, message_id: str) -> bool:
        """Write down that this mail is about to leave; False when it has left, or may have."""
        values = (as_of.isoformat(), owner_id, self._post, message_id, _clock())
        with self._open() as connection:
            return connection.execute(_CLAIM, values).rowcount == 1

    def settle(self, as_of: dt.date, owner_id: str, state: State, detail: str = "") -> None:
        """Write down what became of a claimed mail."""
        with self._open() as connection:
            connection.execute(
                "update mails set state = ?, detail = ?, changed_at = ?"
                " where as_of_date = ? and owner_id = ? and post = ?",
                (state, detail, _clock(), as_of.isoformat(), owner_id, self._post),
            )

    def bounced(self, message_id: str, detail: str) -> bool:
        """Write down that a sent mail came back; False when no such mail is known, or it is known already."""
        with self._open() as connection:
            changed = connection.execute(
                "update mails set state = 'bounced', detail = ?, changed_at = ?"
                " where message_id = ? and post = ? and state in ('sent', 'sending')",
                (detail, _clock(), message_id, self._post),
            )
            return changed.rowcount == 1

    def allow_again(self, as_of: dt.date, owner_id: str) -> bool:
        """A person has found that an uncertain mail did not arrive, or a bounced one can: it may be sent again."""
        with self._open() as connection:
            changed = connection.execute(
                "update mails set state = 'deferred', detail = 'allowed again', changed_at = ?"
                " where as_of_date = ? and owner_id = ? and post = ? and state in ('sending', 'bounced')",
                (_clock(), as_of.isoformat(), owner_id, self._post),
            )
            return changed.rowcount == 1

    def states(self, as_of: dt.date) -> dict[str, tuple[State, str]]:
        """State and detail of every mail of one Monday, by owner."""
        with self._open() as connection:
            rows = connection.execute(
                "select owner_id, state, detail from mails where as_of_date = ? and post = ? order by owner_id",
                (as_of.isoformat(), self._post),
            )
            return {owner_id: (state, detail) for owner_id, state, detail in rows}

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction that is on the disk when it ends."""
        with closing(sqlite3.connect(self._path, timeout=30)) as connection:
            connection.execute("pragma synchronous = full")
            with connection:
                yield connection


def _clock() -> str:
    """When something happened in the world; nothing is computed from it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
