"""The only place where a name is kept: encrypted, append-only batches, and the pseudonyms that stand for people.

``vault/`` is for its owner only. Per kind of person it holds batches: parquet, encrypted with Fernet. A batch waits
in ``vault/_incoming`` until gate 1 has passed, like the rows that it came with.
"""

from __future__ import annotations

import datetime as dt
import hmac
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from passerelle.atomic import write_atomically
from passerelle.errors import VaultError
from passerelle.school import Table, load_school, load_system
from passerelle.settings import Settings
from passerelle.vault_keys import VaultKeys
from passerelle.vault_tombstones import Tombstones, without_people

if TYPE_CHECKING:
    import pandas as pd

PREFIXES = {"learner": "lrn_", "coach": "cch_"}
#: File of the vault that says who was forgotten.
TOMBSTONES = "forgotten.jsonl"
_BATCH_ROWS = 200_000


class Vault:
    """Names of people, by pseudonym.

    Parameters
    ----------
    settings : Settings
        Names the state folder, the school and, if the environment does, the key.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.folder = settings.part("vault")
        self._waiting = self.folder / "_incoming"
        self._keys = VaultKeys(settings, self.folder)
        #: Whom the vault must not know any more.
        self.tombstones = Tombstones(self.folder / TOMBSTONES, self._keys)

    def pseudonyms(self, kind: str, values: pa.Array) -> pa.Array:
        """Keyed pseudonyms of the numbers by which a system knows people.

        Parameters
        ----------
        kind : {"learner", "coach"}
            The same number of two kinds gives two pseudonyms.
        values : pyarrow.Array
            Text, or a dictionary of text; each distinct value is computed once.

        Returns
        -------
        pyarrow.Array
            ``lrn_`` or ``cch_`` and 16 hexadecimal digits (HMAC-SHA-256); null stays null, a dictionary stays one.
        """
        coded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
        prefix, key = PREFIXES[kind], self._keys.derived(f"pseudonym {kind}")
        distinct = pa.array(
            [
                None if value is None else prefix + hmac.digest(key, value.encode(), "sha256").hex()[:16]
                for value in coded.dictionary.to_pylist()
            ],
            pa.string(),
        )
        replaced = pa.DictionaryArray.from_arrays(coded.indices, distinct)
        return replaced if coded is values else replaced.dictionary_decode()

    def store(self, kind: str, table: pa.Table, *, source: str) -> None:
        """Put the identifying columns of some people in the vault's waiting room.

        Parameters
        ----------
        kind : {"learner", "coach"}
        table : pyarrow.Table
            One row per version of a person: ``person_id`` (the pseudonym), ``known_at`` (UTC, naive) and the
            identifying columns. Equal rows are kept once; the same batch stored twice is one batch.
        source : str
            The table that it came from, as ``system.table``.
        """
        folder = self._private(self._waiting / kind)
        table = self.tombstones.without(table)
        distinct = table.group_by(table.column_names, use_threads=False).aggregate([])
        for start in range(0, distinct.num_rows, _BATCH_ROWS):
            content = _as_parquet(distinct.slice(start, _BATCH_ROWS))
            digest = hmac.digest(self._keys.derived("batch names"), content, "sha256").hex()[:24]
            encrypted = self._keys.fernet.encrypt(content)
            write_atomically(folder / f"{source}-{digest}.fernet", encrypted, mode=0o600)

    def forget(self, kind: str, person_id: str) -> int:
        """Write every batch that knows a person again without that person; how many did.

        Parameters
        ----------
        kind : {"learner", "coach"}
        person_id : str
            Pseudonym.
        """
        changed = 0
        for path in sorted(
            [*(self.folder / kind).glob("*.fernet"), *(self._waiting / kind).glob("*.fernet")]
        ):
            batch = self._opened(path)
            kept = without_people(batch, [person_id])
            if kept.num_rows == batch.num_rows:
                continue
            changed += 1
            if kept.num_rows:
                write_atomically(path, self._keys.fernet.encrypt(_as_parquet(kept)), mode=0o600)
            else:
                path.unlink()
        return changed

    def waiting_moves(self) -> list[tuple[Path, Path]]:
        """Files to rename, from and to, for the batches that wait to become part of the vault."""
        batches = sorted(self._waiting.glob("*/*.fernet"))
        return [(batch, self._private(self.folder / batch.parent.name) / batch.name) for batch in batches]

    def discard_waiting(self) -> None:
        """Throw away the batches that wait."""
        shutil.rmtree(self._waiting, ignore_errors=True)

    def people(self, kind: str, ids: Iterable[str], *, as_of: dt.date | None = None) -> pd.DataFrame:
        """Latest known identifying columns of people; only the report renderer and the erasure step may ask.

        Parameters
        ----------
        kind : {"learner", "coach"}
        ids : iterable of str
            Pseudonyms.
        as_of : datetime.date, optional
            Only what was known before that day, 00:00 in the school's time zone.

        Returns
        -------
        pandas.DataFrame
            One row per asked pseudonym, in the asked order, with the index ``person_id`` and every identifying
            column that the school's systems declare for that kind; null where nothing is known. Where two tables
            have a column of the same name, the later known one counts.
        """
        import pandas as pd

        asked = pd.Index(list(dict.fromkeys(ids)), name="person_id", dtype=str)
        before = self._midnight(as_of) if as_of else None
        columns = self._declared_columns(kind)
        latest = [_latest(versions, asked, before) for versions in self._versions(kind)]
        if not latest:
            return pd.DataFrame(index=asked, columns=columns, dtype=object)
        known = pd.concat(latest).sort_values("known_at", kind="stable").groupby("person_id").last()
        return known.reindex(asked).reindex(columns=columns)

    def _versions(self, kind: str) -> Iterator[pd.DataFrame]:
        """Every version of everybody of one kind, one frame per table that they came from."""
        paths: dict[str, list[Path]] = {}
        for path in sorted((self.folder / kind).glob("*.fernet")):
            paths.setdefault(path.name.rpartition("-")[0], []).append(path)
        for of_source in paths.values():
            batches = [self._opened(path) for path in of_source]
            yield pa.concat_tables(batches, promote_options="default").to_pandas()

    def _opened(self, path: Path) -> pa.Table:
        from cryptography.fernet import InvalidToken

        try:
            return pq.read_table(pa.BufferReader(self._keys.fernet.decrypt(path.read_bytes())))
        except InvalidToken as error:
            raise VaultError(f"{path} was changed or cut", fix="restore the file from a backup") from error

    def _midnight(self, day: dt.date) -> dt.datetime:
        zone = ZoneInfo(load_school(self._settings.school).time_zone)
        return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC).replace(tzinfo=None)

    def _declared_columns(self, kind: str) -> list[str]:
        school = self._settings.school
        systems = [load_system(school, name) for name in load_school(school).systems]
        tables = [table for system in systems for table in system.tables.values()]
        names = [name for table in tables if person_of(table)[1] == kind for name in table.identifying]
        return list(dict.fromkeys(names))

    def _private(self, folder: Path) -> Path:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.folder.chmod(0o700)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder


def person_of(table: Table) -> tuple[str, str]:
    """Column and kind of the person whom a table's identifying columns are about.

    The pseudonym in the key, else the first one; two empty texts when a table names nobody, and then its identifying
    columns are kept nowhere: there is nobody to keep them for.
    """
    in_key = [column for column in table.pseudonyms if column in table.key]
    column = next(iter([*in_key, *table.pseudonyms]), "")
    return column, table.pseudonyms.get(column, "")


def _latest(versions: pd.DataFrame, asked: pd.Index, before: dt.datetime | None) -> pd.DataFrame:
    wanted = versions[versions["person_id"].isin(asked)]
    if before is not None:
        wanted = wanted[wanted["known_at"] < before]
    return wanted.sort_values("known_at", kind="stable").drop_duplicates("person_id", keep="last")


def _as_parquet(table: pa.Table) -> bytes:
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue().to_pybytes()
