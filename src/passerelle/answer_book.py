"""What coaches answered at their desk: an append-only database of its own, and a trail that shows tampering.

SQLite under ``PASSERELLE_HOME/desk/`` by default, PostgreSQL by URL (``PASSERELLE_DESK_DATABASE_URL``). The nightly
pull reads ``support_answer`` and ``profiling_objection`` from it like from any other system. Nobody's name
is in it; what a coach wrote freely is sealed with the school's key and is never pulled.

Every row has an entry in ``audit_trail``, and every entry a digest of itself and of the one before, made with the
school's key: a row that was changed, left out or slipped in does not fit. The database itself refuses to change rows.
"""

from __future__ import annotations

import datetime as dt
import hmac
import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from passerelle.answer_tables import (
    ANSWERS,
    ANSWERS_OF_COACH,
    APPEND_ONLY,
    METADATA,
    NEWEST_OBJECTION,
    NOTES,
    OBJECTIONS,
    REVOCATIONS,
    REVOKED,
    TRAIL,
    append_only_rules,
)
from passerelle.errors import DeskError, LinkRevoked
from passerelle.school import load_school, load_system
from passerelle.settings import Settings
from passerelle.vault_keys import VaultKeys

SYSTEM = "desk"
_LOCK = 4_711  # any number: the advisory lock of this database


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a coach answered about one learner of one Monday's list.

    Attributes
    ----------
    answer_id : str
        Chosen by the page that was answered on, so that the same press of a button counts once.
    verdict : {"agreed", "not_useful", "already_handled"}
    action_code, channel : str or None
        Codes of the school's ``answers/`` folder.
    note : str
        Free text; sealed, and read at the desk alone.
    """

    answer_id: str
    enrolment_id: str
    coach_id: str
    list_date: dt.date
    verdict: str
    action_code: str | None = None
    channel: str | None = None
    action_date: dt.date | None = None
    follow_up_date: dt.date | None = None
    recorded_at: dt.datetime | None = None
    note: str = ""


@dataclass(frozen=True)
class Audit:
    """What a look through the trail found: how many entries, the newest digest, and every fault."""

    entries: int
    digest: str
    faults: tuple[str, ...]


class AnswerBook:
    """The database of the coach's desk of one school.

    Parameters
    ----------
    settings : Settings
        Names the school, its key and its state folder.

    Raises
    ------
    ConfigError
        The school does not connect the system ``desk``.
    """

    def __init__(self, settings: Settings) -> None:
        self._school = load_school(settings.school)
        self._keys = VaultKeys(settings, settings.part("vault"))
        url = sa.make_url(load_system(settings.school, SYSTEM).location(settings))
        if url.get_backend_name() == "sqlite":
            settings.part("desk", "_").parent.chmod(0o700)
        self._engine = sa.create_engine(url)
        sa.event.listen(self._engine, "connect", _prepare_connection)

    def prepare(self) -> AnswerBook:
        """Make the tables that are missing; the rows of those that are there stay."""
        with self._writing() as connection:
            missing = not sa.inspect(connection).has_table(TRAIL.name)
            METADATA.create_all(connection)
            for statement in append_only_rules(self._engine.dialect.name) if missing else ():
                connection.exec_driver_sql(statement)
        return self

    def record(self, answer: Answer) -> bool:
        """Keep an answer; False when this very answer is there already.

        Raises
        ------
        LinkRevoked
            The school took the coach's links back a moment ago.
        """
        row = asdict(answer) | {"recorded_at": self.now()}
        row["action_date"] = answer.action_date or self._school.today()
        note = row.pop("note")
        with self._writing() as connection:
            self._refuse_revoked(connection, answer.coach_id, answer.list_date)
            if _has(connection, ANSWERS.c.answer_id == answer.answer_id):
                return False
            self._append(connection, ANSWERS, row)
            if note:
                sealed = self._keys.fernet.encrypt(note.encode(errors="replace")).decode()
                connection.execute(NOTES.insert(), {"answer_id": answer.answer_id, "sealed": sealed})
        return True

    def answers(self, *, coach_id: str, enrolment_ids: set[str]) -> list[Answer]:
        """What one coach answered about some learners, newest first, notes included."""
        asked = {"coach_id": coach_id, "enrolment_ids": sorted(enrolment_ids)}
        with self._engine.connect() as connection:
            rows = connection.execute(ANSWERS_OF_COACH, asked).mappings().all()
        return [self._opened(dict(row)) for row in rows]

    def forget_notes(self, enrolment_ids: Collection[str]) -> int:
        """Delete what coaches wrote freely about some learners, for good; how many notes that was."""
        about = sa.select(ANSWERS.c.answer_id).where(ANSWERS.c.enrolment_id.in_(sorted(enrolment_ids)))
        with self._writing() as connection:
            return connection.execute(NOTES.delete().where(NOTES.c.answer_id.in_(about))).rowcount

    def object_to_profiling(
        self, *, objection_id: str, learner_id: str, has_objection: bool, recorded_by: str
    ) -> None:
        """Keep that a learner objects to being scored, or no longer does."""
        row = {
            "objection_id": objection_id,
            "learner_id": learner_id,
            "has_objection": has_objection,
            "recorded_by": recorded_by,
            "recorded_at": self.now(),
        }
        with self._writing() as connection:
            if not _has(connection, OBJECTIONS.c.objection_id == objection_id):
                self._append(connection, OBJECTIONS, row)

    def objects(self, learner_id: str) -> bool:
        """Whether a learner objects to being scored, by the newest record."""
        with self._engine.connect() as connection:
            return bool(connection.scalar(NEWEST_OBJECTION, {"learner_id": learner_id}))

    def revoke(
        self, *, revocation_id: str, coach_id: str, list_date: dt.date | None, recorded_by: str, reason: str
    ) -> None:
        """Take back the links of a coach: of one Monday, or all that were ever sent."""
        row = {
            "revocation_id": revocation_id,
            "coach_id": coach_id,
            "list_date": list_date,
            "recorded_by": recorded_by,
            "reason": reason,
            "recorded_at": self.now(),
        }
        with self._writing() as connection:
            self._append(connection, REVOCATIONS, row)

    def refuse_revoked(self, coach_id: str, list_date: dt.date) -> None:
        """Stop at a link that the school has taken back.

        Raises
        ------
        LinkRevoked
            It has.
        """
        with self._engine.connect() as connection:
            self._refuse_revoked(connection, coach_id, list_date)

    def audit(self) -> Audit:
        """Look whether every entry of the trail follows the one before, and every row has its entry."""
        with self._engine.connect() as connection:
            entries = connection.execute(sa.select(TRAIL).order_by(TRAIL.c.entry_no)).all()
            rows = {
                (table.name, _content(dict(row)))
                for table in APPEND_ONLY[:-1]
                for row in connection.execute(sa.select(table)).mappings()
            }
        faults, digest = [], ""
        for place, entry in enumerate(entries, start=1):
            expected = self._digest(digest, place, entry.table_name, entry.content)
            if (entry.entry_no, entry.digest) != (place, expected):
                faults.append(f"entry {entry.entry_no} does not follow the one before it")
            digest = entry.digest
        told = {(entry.table_name, entry.content) for entry in entries}
        faults += [f"a row of {table} is not what was recorded" for table, _ in sorted(rows - told)]
        faults += [f"a row of {table} is missing or was changed" for table, _ in sorted(told - rows)]
        return Audit(len(entries), digest, tuple(faults))

    def now(self) -> dt.datetime:
        """The school's own time, in UTC and without a zone: the clock's, on the day that the school takes for today."""
        zone = ZoneInfo(self._school.time_zone)
        moment = dt.datetime.combine(self._school.today(), dt.datetime.now(zone).time(), zone)
        return moment.astimezone(dt.UTC).replace(tzinfo=None)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """One writer at a time, so that every entry of the trail follows the one before."""
        with self._engine.connect() as connection, connection.begin():
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("begin immediate")
            else:
                connection.exec_driver_sql(f"select pg_advisory_xact_lock({_LOCK})")
            yield connection

    def _append(self, connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> None:
        connection.execute(table.insert(), [dict(row)])
        last = connection.execute(sa.select(TRAIL).order_by(TRAIL.c.entry_no.desc()).limit(1)).first()
        place, before = (last.entry_no + 1, last.digest) if last else (1, "")
        content = _content(row)
        entry = {
            "entry_no": place,
            "table_name": table.name,
            "content": content,
            "digest": self._digest(before, place, table.name, content),
        }
        connection.execute(TRAIL.insert(), entry)

    def _digest(self, before: str, place: int, table: str, content: str) -> str:
        told = json.dumps([before, place, table, content]).encode()
        return hmac.digest(self._keys.derived("desk trail"), told, "sha256").hex()

    def _refuse_revoked(self, connection: sa.Connection, coach_id: str, list_date: dt.date) -> None:
        if connection.scalar(REVOKED, {"coach_id": coach_id, "list_date": list_date}):
            raise LinkRevoked(
                f"the school has taken back the links of the list of {list_date}",
                allowed="links that have not been taken back",
                fix="ask the campus lead; your next report has new links unless all were taken back",
            )

    def _opened(self, row: Mapping[str, Any]) -> Answer:
        from cryptography.fernet import InvalidToken

        kept = dict(row)
        sealed = kept.pop("sealed")
        try:
            note = self._keys.fernet.decrypt(sealed).decode() if sealed else ""
        except InvalidToken as error:
            raise DeskError(
                f"the note of the answer {kept['answer_id']} was changed", fix="restore it from a backup"
            ) from error
        return Answer(**kept, note=note)


def _has(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> bool:
    return connection.execute(sa.select(sa.literal(1)).where(*conditions).limit(1)).first() is not None


def _content(row: Mapping[str, Any]) -> str:
    return json.dumps(dict(row), default=lambda value: value.isoformat(), sort_keys=True)


def _prepare_connection(connection: Any, _record: object) -> None:
    """Let SQLite wait for its turn, and leave transactions to us."""
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None
        connection.execute("pragma busy_timeout = 30000")
        # Readers and the one writer do not wait for each other, and an answer is on the disk after one sync.
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        # A note that is deleted is overwritten too.
        connection.execute("pragma secure_delete = on")
