"""The landing: append-only parquet that every later step reads, and the waiting room before gate 1.

A pull fills ``landing/_incoming``; ``pull.json`` appears there last, when the pull is complete. Acceptance first
writes a journal of every file to move, then moves them, keeps the bookmarks (how far each table was read) and removes
the journal: killed at any moment, the next step finishes it. A rejected load goes to ``landing/_rejected`` and the
bookmarks stay where they were, so that the next pull reads everything again.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from passerelle.atomic import write_atomically
from passerelle.errors import ModelError, PasserelleError
from passerelle.said import SAID
from passerelle.school import load_system
from passerelle.settings import Settings
from passerelle.vault import Vault

if TYPE_CHECKING:
    import pandas as pd

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
        self._school = settings.school
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

    def waiting_folder(self, system: str, table: str) -> Path:
        """Where the files of a table wait for gate 1."""
        return self.incoming_folder / "tables" / system / table

    def incoming_files(self, system: str, table: str) -> list[Path]:
        """Files of a table that wait for gate 1."""
        return sorted(self.waiting_folder(system, table).glob("*.parquet"))

    def accepted_files(self, system: str, table: str) -> list[Path]:
        """Files of a table that have landed, the empty one that carries its columns included."""
        return sorted((self.folder / system / table).glob("*.parquet"))

    def incoming(self, system: str, table: str) -> pa.Table:
        """Rows of a table that wait for gate 1; none, with the table's columns, when nothing is new."""
        files = self.incoming_files(system, table)
        if not files:
            return pq.read_table(self.folder / system / table / "empty.parquet")
        return pa.concat_tables([pq.read_table(path) for path in files])

    def waiting(self) -> dict[str, pa.Table]:
        """Rows that wait for gate 1, per table (``system.table``) that was pulled without trouble."""
        with self.locked():
            pull = self._pull()
            return {name: self.incoming(*name.split(".")) for name in (pull.rows if pull else ())}

    def landed_count(self, name: str) -> int:
        """Rows of a table (``system.table``) that have landed.

        Of a table that is delivered whole each time (known at ``landed_at``): the rows of its newest delivery.
        """
        newest = self.newest_known_at(name) if self._is_delivered_whole(name) else None
        files = [_Landed.read(path) for path in self.accepted_files(*name.split("."))]
        return sum(file.row_count for file in files if newest is None or file.newest_known_at == newest)

    def newest_known_at(self, name: str) -> dt.datetime | None:
        """Latest known-at date of a table (``system.table``) that has landed, in UTC; None when nothing has."""
        files = [_Landed.read(path) for path in self.accepted_files(*name.split("."))]
        return max((file.newest_known_at for file in files if file.newest_known_at), default=None)

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

    def said_file(self, kind: str, *, as_of: dt.date, model_version: str) -> Path:
        """File of what one model said on one Monday, there or not; ``kind`` is one of ``SAID``."""
        return self.folder / "outlook" / kind / f"{as_of}__{model_version}.parquet"

    def scores(self, *, as_of: dt.date, model_version: str) -> pd.DataFrame:
        """What one model said of one Monday's learners.

        Raises
        ------
        ModelError
            It has not scored that Monday.
        """
        path = self.said_file("scores", as_of=as_of, model_version=model_version)
        if not path.is_file():
            raise ModelError(
                f"{as_of} has no scores by the model {model_version}",
                allowed="a Monday that was scored",
                fix=f"--as-of, or run `passerelle score --as-of {as_of}` first",
            )
        return pq.read_table(path).to_pandas()

    def scored_mondays(self) -> list[dt.date]:
        """Mondays that have scores, oldest first."""
        files = (self.folder / "outlook" / "scores").glob("*__*.parquet")
        return sorted({dt.date.fromisoformat(path.name.partition("__")[0]) for path in files})

    def land_scores(self, scores: pd.DataFrame, *, as_of: dt.date, model_version: str) -> Path:
        """Land the scores of one Monday and model; see ``land_said``."""
        return self.land_said("scores", scores, as_of=as_of, model_version=model_version)

    def land_said(self, kind: str, said: pd.DataFrame, *, as_of: dt.date, model_version: str) -> Path:
        """Land what one model said on one Monday as one immutable file.

        Parameters
        ----------
        kind : {"scores", "forecasts", "checks"}
            What it is.
        said : pandas.DataFrame
            Its rows, with the columns of ``SAID[kind]``.
        as_of : datetime.date
            The Monday.
        model_version : str
            The model.

        Returns
        -------
        pathlib.Path
            The file; the same rows landed again change nothing.

        Raises
        ------
        ModelError
            Others of this Monday and model have landed before.
        """
        table = _said(kind, said)
        path = self.said_file(kind, as_of=as_of, model_version=model_version)
        if not path.exists():
            _write(path, table)
        elif not pq.read_table(path).equals(table):
            raise ModelError(
                f"other {kind} of {as_of} by the model {model_version} have landed before",
                allowed=f"the same {kind}, for a model version and what was known that Monday do not change",
                fix=f"find out what changed; {path} is the truth",
            )
        return path

    def checks(self, as_of: dt.date) -> pd.DataFrame:
        """What the watch over the model found on one Monday; no row where it did not run."""
        files = sorted((self.folder / "outlook" / "checks").glob(f"{as_of}__*.parquet"))
        return pa.concat_tables([SAID["checks"][0].empty_table(), *map(pq.read_table, files)]).to_pandas()

    def land_shown(self, kind: str, rows: pd.DataFrame, *, as_of: dt.date) -> Path:
        """Land what was shown or drawn on one Monday; the first of a Monday stays.

        Parameters
        ----------
        kind : {"lists", "draws"}
            The names that coaches are shown, or the places that were drawn by lot.
        rows : pandas.DataFrame
            With the columns of ``SAID[kind]``.
        as_of : datetime.date
            The Monday.
        """
        path = self.folder / "outlook" / kind / f"{as_of}.parquet"
        if not path.exists():
            _write(path, _said(kind, rows))
        return path

    def ensure_table(self, system: str, table: str, schema: pa.Schema) -> None:
        """Keep one empty file with the table's declared columns, so that a table is there before its first row."""
        path = self.folder / system / table / "empty.parquet"
        if not path.exists() or not pq.read_schema(path).equals(schema):
            _write(path, schema.empty_table())

    def _is_delivered_whole(self, name: str) -> bool:
        system, table = name.split(".")
        return load_system(self._school, system).tables[table].known_at == "landed_at"

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


@dataclass(frozen=True)
class _Landed:
    """What the footer of a landed file tells."""

    row_count: int
    newest_known_at: dt.datetime | None

    @classmethod
    def read(cls, path: Path) -> _Landed:
        footer = pq.read_metadata(path)
        column = footer.schema.names.index("_known_at")
        ends = [footer.row_group(group).column(column).statistics for group in range(footer.num_row_groups)]
        newest = max((end.max for end in ends if end is not None and end.has_min_max), default=None)
        return cls(footer.num_rows, newest)


def _said(kind: str, rows: pd.DataFrame) -> pa.Table:
    schema, key = SAID[kind]
    table = pa.Table.from_pandas(rows, schema=schema, preserve_index=False).replace_schema_metadata(None)
    return table.sort_by([(column, "ascending") for column in key])


def _write(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, row_group_size=ROW_GROUP_ROWS)
    write_atomically(path, buffer.getvalue().to_pybytes())
