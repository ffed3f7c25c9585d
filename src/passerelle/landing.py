"""The landing: append-only parquet that every later step reads, and the waiting room before gate 1.

A pull fills ``landing/_incoming``; ``pull.json`` appears there last, when the pull is complete. Acceptance first
writes a journal of every file to move, then moves them, keeps the bookmarks (how far each table was read) and removes
the journal: killed at any moment, the next step finishes it. A rejected load goes to ``landing/_rejected`` and the
bookmarks stay where they were, so that the next pull reads everything again.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from passerelle.atomic import write_atomically
from passerelle.errors import ConfigError, PasserelleError
from passerelle.settings import Settings
from passerelle.vault import Vault

ROW_GROUP_ROWS = 122_880


@dataclass(frozen=True)
class Pull:
    """A complete pull that waits for gate 1.

    Attributes
    ----------
    load_id : str
        Its name.
    rows : dict
        New rows per table (``system.table``), for every table that was pulled without trouble.
    bookmarks : str
        How far each table was read, in dlt's words.
    """

    load_id: str
    rows: dict[str, int]
    bookmarks: str


class Landing:
    """The landing of one school.

    Parameters
    ----------
    settings : Settings
        Names the state folder.
    """

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.part("landing")
        self.incoming_folder = self.folder / "_incoming"
        self._manifest = self.incoming_folder / "pull.json"
        self._journal = self.folder / "_accepting.json"
        self._bookmarks = self.folder / "_bookmarks.json"
        self._vault = Vault(settings)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the landing alone, after finishing an acceptance that was cut short.

        Raises
        ------
        PasserelleError
            Another process holds it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise PasserelleError(
                    f"another pull or acceptance is at work in {self.folder}", fix="wait until it has ended"
                ) from error
            self._finish_acceptance()
            yield

    def empty_waiting_room(self) -> None:
        """Remove what an earlier pull left and nobody accepted; the next pull reads it again."""
        shutil.rmtree(self.incoming_folder, ignore_errors=True)
        self._vault.discard_waiting()
        self.incoming_folder.mkdir(parents=True)

    def bookmarks(self) -> str:
        """How far each table was read when a load was last accepted; empty before the first."""
        return self._bookmarks.read_text() if self._bookmarks.exists() else ""

    def complete(self, pull: Pull) -> None:
        """Declare that all files of a pull are in the waiting room."""
        write_atomically(self._manifest, json.dumps(asdict(pull)).encode())

    def incoming_files(self, system: str, table: str) -> list[Path]:
        """Files of a table that wait for gate 1."""
        return sorted((self.incoming_folder / "tables" / system / table).glob("*.parquet"))

    def accepted_files(self, system: str, table: str) -> list[Path]:
        """Files of a table that have landed, the empty one that carries its columns included."""
        return sorted((self.folder / system / table).glob("*.parquet"))

    def incoming(self, system: str, table: str) -> pa.Table:
        """Rows of a table that wait for gate 1; none, with the table's columns, when nothing is new."""
        files = self.incoming_files(system, table) or self.accepted_files(system, table)[:1]
        read = pa.concat_tables([pq.read_table(path) for path in files], promote_options="default")
        return read if self.incoming_files(system, table) else read.slice(0, 0)

    def waiting(self) -> dict[str, pa.Table]:
        """Rows that wait for gate 1, per table (``system.table``) that was pulled without trouble."""
        with self.locked():
            pull = self._pull()
            return {name: self.incoming(*name.split(".")) for name in (pull.rows if pull else ())}

    def landed_count(self, name: str) -> int:
        """Rows of a table (``system.table``) that have landed."""
        return sum(pq.read_metadata(path).num_rows for path in self.accepted_files(*name.split(".")))

    def accept(self) -> dict[str, int]:
        """Land everything that waits, all of it or nothing.

        Returns
        -------
        dict
            New rows per table (``system.table``); empty when nothing waited.
        """
        with self.locked():
            pull = self._pull()
            if pull is None:
                return {}
            moves = self._vault.waiting_moves()
            for name in pull.rows:
                folder = self.folder.joinpath(*name.split("."))
                moves += [(path, folder / path.name) for path in self.incoming_files(*name.split("."))]
            journal = {"moves": [[str(old), str(new)] for old, new in moves], "bookmarks": pull.bookmarks}
            write_atomically(self._journal, json.dumps(journal).encode())
            self._finish_acceptance()
            return pull.rows

    def reject(self) -> Path | None:
        """Set everything that waits aside, for whoever looks into it; the next pull reads it all again.

        Returns
        -------
        pathlib.Path or None
            Where it lies now; None when nothing waited.
        """
        with self.locked():
            pull = self._pull()
            aside = self.folder / "_rejected" / pull.load_id if pull else None
            if aside:
                aside.parent.mkdir(exist_ok=True)
                self.incoming_folder.rename(aside)
            self._vault.discard_waiting()
            return aside

    def append(self, system: str, table: str, data: pa.Table, *, name: str) -> Path:
        """Land one immutable file that we made ourselves, such as the scores of a Monday.

        Writing the same rows under the same name again changes nothing.

        Raises
        ------
        ConfigError
            The file is there with other rows.
        """
        path = self.folder / system / table / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            if not pq.read_table(path).equals(data.combine_chunks()):
                raise ConfigError(
                    f"{path} has landed with other rows", allowed="the same rows, or another name", fix=str(path)
                )
            return path
        buffer = pa.BufferOutputStream()
        pq.write_table(data, buffer, row_group_size=ROW_GROUP_ROWS)
        write_atomically(path, buffer.getvalue().to_pybytes())
        return path

    def ensure_table(self, system: str, table: str, schema: pa.Schema) -> None:
        """Keep one empty file with the table's declared columns, so that a table is there before its first row."""
        path = self.folder / system / table / "empty.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or not pq.read_schema(path).equals(schema):
            buffer = pa.BufferOutputStream()
            pq.write_table(schema.empty_table(), buffer)
            write_atomically(path, buffer.getvalue().to_pybytes())

    def _pull(self) -> Pull | None:
        return Pull(**json.loads(self._manifest.read_text())) if self._manifest.exists() else None

    def _finish_acceptance(self) -> None:
        if not self._journal.exists():
            return
        journal = json.loads(self._journal.read_text())
        for old, new in ((Path(old), Path(new)) for old, new in journal["moves"]):
            new.parent.mkdir(parents=True, exist_ok=True)
            if old.exists():
                old.rename(new)
        write_atomically(self._bookmarks, journal["bookmarks"].encode())
        self.empty_waiting_room()
        self._journal.unlink()
