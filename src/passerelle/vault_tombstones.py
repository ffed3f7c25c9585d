"""Who was forgotten: a keyed digest each, so that a late file brings no name back; and who decided, and why."""

from __future__ import annotations

import datetime as dt
import hmac
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from passerelle.vault_keys import VaultKeys


def without_people(table: pa.Table, people: Sequence[str]) -> pa.Table:
    """The rows of a table with ``person_id`` that are about nobody of these."""
    return table.filter(pc.invert(pc.is_in(table["person_id"], pa.array(people, pa.string()))))


class Tombstones:
    """The record of people whose names the vault no longer holds, append-only, without a name or a pseudonym.

    Parameters
    ----------
    path : pathlib.Path
        A line of JSON each.
    keys : VaultKeys
    """

    def __init__(self, path: Path, keys: VaultKeys) -> None:
        self._path, self._keys = path, keys

    def decided_on(self, person_id: str) -> dt.date | None:
        """The day on which it was decided to forget somebody; None for whoever is not forgotten."""
        day = self._days().get(self._digest(person_id))
        return dt.date.fromisoformat(day) if day else None

    def add(self, person_id: str, *, by: str, reason: str, day: dt.date) -> None:
        """Write down a decision; it holds from here on."""
        line = {"person": self._digest(person_id), "by": by, "reason": reason, "decided_on": day.isoformat()}
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(json.dumps(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def without(self, table: pa.Table) -> pa.Table:
        """The rows of a table with ``person_id`` that are about nobody who was forgotten."""
        known = self._days()
        if not known:
            return table
        people = pc.unique(table["person_id"]).to_pylist()
        gone = [person for person in people if person is not None and self._digest(person) in known]
        return without_people(table, gone)

    def _days(self) -> dict[str, str]:
        if not self._path.is_file():
            return {}
        lines = [json.loads(line) for line in self._path.read_text(encoding="utf-8").splitlines()]
        return {line["person"]: line["decided_on"] for line in lines}

    def _digest(self, person_id: str) -> str:
        return hmac.digest(self._keys.derived("forgotten person"), person_id.encode(), "sha256").hex()
