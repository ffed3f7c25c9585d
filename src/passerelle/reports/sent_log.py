"""What became of every mail: written down before a mail leaves and again after, so that none leaves twice.

One row per Monday, owner and post (a school's mail server, or this machine's own mailbox). A row that still says
``sending`` when nobody is sending is a mail of which nobody knows whether it left: it is never sent again by itself.

Before a mail leaves, the row is on the disk (one sync per mail). What became of it survives the end of the process at
once, and a power cut from the next mail on: until then it is ``sending``, which is the safe side.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Self

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
    """The log of one school's mails by one post; a context that closes it.

    Parameters
    ----------
    path : pathlib.Path
        SQLite file; made for its owner only.
    post : str
        Who carries the mails. What one post has carried, another may carry again.
    """

    def __init__(self, path: Path, *, post: str) -> None:
        self._post = post
        path.touch(mode=0o600)
        self._connection = sqlite3.connect(path, timeout=30)
        self._connection.execute("pragma journal_mode = wal")
        with self._writing() as connection:
            connection.execute(_TABLE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def claim(self, as_of: dt.date, owner_id: str, *, message_id: str) -> bool:
        """Write down that this mail is about to leave; False when it has left, or may have."""
        values = (as_of.isoformat(), owner_id, self._post, message_id, _clock())
        with self._writing() as connection:
            return connection.execute(_CLAIM, values).rowcount == 1

    def settle(self, as_of: dt.date, owner_id: str, state: State, detail: str = "") -> None:
        """Write down what became of a claimed mail."""
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
                " where message_id = ? and post = ? and state in ('sent', 'sending')",
                (detail, _clock(), message_id, self._post),
            )
            return changed.rowcount == 1

    def allow_again(self, as_of: dt.date, owner_id: str) -> bool:
        """A person has found that an uncertain mail did not arrive, or a bounced one can: it may be sent again."""
        with self._writing() as connection:
            changed = connection.execute(
                "update mails set state = 'deferred', detail = 'allowed again', changed_at = ?"
                " where as_of_date = ? and owner_id = ? and post = ? and state in ('sending', 'bounced')",
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
        return {owner_id: (state, detail) for owner_id, state, detail in rows}

    @contextmanager
    def _writing(self, *, synchronous: Literal["full", "normal"] = "full") -> Iterator[sqlite3.Connection]:
        """One transaction; on the disk when it ends, or (``normal``) when the next full one does."""
        self._connection.execute(f"pragma synchronous = {synchronous}")
        with self._connection:
            yield self._connection


def _clock() -> str:
    """When something happened in the world; nothing is computed from it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
