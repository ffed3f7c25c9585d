"""The only opener of DuckDB: a build works on a private file, readers get a published one, swapped in one move.

::

    warehouse/_building/passerelle.duckdb     private: dbt writes here, tests and gates read here
    warehouse/2026-11-23/passerelle.duckdb    that Monday's own, for replays and rollback; the last few are kept
    warehouse/passerelle.duckdb               published: what everybody reads

The file keeps one name everywhere, because DuckDB names the catalogue after it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passerelle.errors import BuildError, QueryError
from passerelle.settings import Settings

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

KEPT_MONDAYS = 4
FILE_NAME = "passerelle.duckdb"
READ_ORDER = "marts,conformed,intermediate"


@dataclass(frozen=True)
class BuildInfo:
    """What a warehouse file was built from.

    Attributes
    ----------
    as_of : datetime.date
        The Monday that it is true for.
    fingerprint : str
        Digest of the SQL and of the school's choices that went into it.
    landed : dict
        Landed file to its size in bytes, as seen by the build.
    """

    as_of: dt.date
    fingerprint: str
    landed: dict[str, int]


@dataclass(frozen=True)
class Published:
    """What a publication did."""

    as_of: str
    file: str
    is_current: bool
    megabytes: float

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)


class Warehouse:
    """The warehouse of one school.

    Parameters
    ----------
    settings : Settings
        Says where the state is.
    """

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.state_dir / "warehouse"
        self.published = self.folder / FILE_NAME
        self.building = self.folder / "_building" / FILE_NAME

    def version(self, as_of: dt.date) -> Path:
        """That Monday's own file, whether or not it exists."""
        return self.folder / as_of.isoformat() / FILE_NAME

    def stands(self, as_of: dt.date) -> bool:
        """Whether that Monday's own file is kept."""
        return self.version(as_of).is_file()

    def published_as_of(self) -> dt.date | None:
        """The Monday that the published warehouse is true for; None when nothing is published."""
        info = self.info(self.published)
        return info.as_of if info else None

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Let one builder in.

        Raises
        ------
        BuildError
            Another process is building or publishing.
        """
        self.building.parent.mkdir(parents=True, exist_ok=True)
        with (self.building.parent / "lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BuildError(
                    f"another build of {self.folder.parent} is running",
                    allowed="one build at a time",
                    fix="wait until it has ended, then run this step again",
                ) from None
            yield

    def begin(self, base: Path | None) -> Path:
        """Lay out the private file: a copy of ``base``, or nothing.

        Returns
        -------
        pathlib.Path
            The private file. It says nothing of what it was built from until ``record``.
        """
        self.building.parent.mkdir(parents=True, exist_ok=True)
        for stale in (self.building, self.building.with_suffix(".duckdb.wal")):
            stale.unlink(missing_ok=True)
        if base is not None:
            shutil.copyfile(base, self.building)
            with self._open_building() as connection:
                connection.execute("drop table if exists main.build_info")
        return self.building

    def record(self, info: BuildInfo) -> None:
        """Write into the private file what it was built from: the mark of a whole build."""
        import pyarrow as pa

        landed = pa.table({"file": list(info.landed), "bytes": pa.array(info.landed.values(), pa.int64())})
        with self._open_building() as connection:
            connection.register("landed", landed)
            connection.execute("begin")
            connection.execute("create or replace table main.build_landed_files as select * from landed")
            connection.execute(
                "create or replace table main.build_info as select ?::date as as_of, ? as fingerprint",
                [info.as_of, info.fingerprint],
            )
            connection.execute("commit")

    def info(self, path: Path) -> BuildInfo | None:
        """What a warehouse file was built from; None when it is missing or its build did not end well."""
        if not path.is_file():
            return None
        with self._open(path) as connection:
            known = connection.execute("select count(*) from duckdb_tables() where table_name = 'build_info'")
            if known.fetchall() == [(0,)]:
                return None
            row = connection.execute("select as_of, fingerprint from main.build_info").fetchall()[0]
            landed = connection.execute("select file, bytes from main.build_landed_files").fetchall()
        return BuildInfo(as_of=row[0], fingerprint=row[1], landed=dict(landed))

    def publish(self, as_of: dt.date, *, current: bool = True) -> Published:
        """Keep what was built as that Monday's own, and put it in the readers' place.

        A Monday before the published one is kept but never takes the readers' place.

        Parameters
        ----------
        as_of : datetime.date
            The Monday that was built.
        current : bool, default True
            False: only keep it.

        Raises
        ------
        BuildError
            Nothing whole was built for that Monday.
        """
        with self.lock():
            built = self.info(self.building)
            if built is not None and built.as_of == as_of:
                self._keep(as_of)
            elif not self.stands(as_of):
                raise BuildError(
                    f"nothing to publish for {as_of}: "
                    + (f"the last build was of {built.as_of}" if built else "no build has ended well"),
                    allowed="a Monday whose build has ended well",
                    fix=f"run `passerelle build --as-of {as_of}` first",
                )
            standing = self.published_as_of()
            is_current = current and (standing is None or as_of >= standing)
            if is_current:
                _replace_by_link(self.version(as_of), self.published)
            self._forget_old_mondays()
        size = self.version(as_of).stat().st_size / 1e6
        return Published(as_of.isoformat(), str(self.version(as_of)), is_current, round(size, 1))

    def query(self, sql: str, as_of: dt.date | None = None) -> pa.Table:
        """Answer one query on the published warehouse, or on one Monday's own.

        Raises
        ------
        BuildError
            There is no such warehouse.
        QueryError
            Not one select, or DuckDB cannot answer it.
        """
        with self._reading(as_of) as connection:
            return _answer(connection, sql).to_arrow_table()

    def frame(self, sql: str, as_of: dt.date | None = None) -> pd.DataFrame:
        """The same as a data frame."""
        with self._reading(as_of) as connection:
            return _answer(connection, sql).df()

    def built(self, sql: str) -> pd.DataFrame:
        """Answer one query on the private file, for the gates that stand before publication."""
        if self.info(self.building) is None:
            raise BuildError(
                "nothing built to check", allowed="a build that ended well", fix="run `passerelle build`"
            )
        with self._open(self.building) as connection:
            return _answer(connection, sql).df()

    def _reading(self, as_of: dt.date | None) -> contextlib.AbstractContextManager[duckdb.DuckDBPyConnection]:
        path = self.published if as_of is None else self.version(as_of)
        if not path.is_file():
            raise BuildError(
                f"no warehouse at {path}",
                allowed="a published warehouse"
                if as_of is None
                else f"one of {', '.join(self.kept()) or 'none kept'}",
                fix="run `passerelle week`, or `passerelle build` and publish that Monday",
            )
        return self._open(path)

    def kept(self) -> list[str]:
        """Mondays whose own file is kept, oldest first."""
        return sorted(path.parent.name for path in self.folder.glob(f"????-??-??/{FILE_NAME}"))

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open for reading only: no other file, no network, no way to change that."""
        import duckdb

        with duckdb.connect(
            str(path), read_only=True, config={"enable_external_access": "false"}
        ) as connection:
            connection.execute(f"set search_path = '{READ_ORDER}'") if _has_marts(connection) else None
            connection.execute("set lock_configuration = true")
            yield connection

    @contextlib.contextmanager
    def _open_building(self) -> Iterator[duckdb.DuckDBPyConnection]:
        import duckdb

        with duckdb.connect(str(self.building)) as connection:
            yield connection

    def _keep(self, as_of: dt.date) -> None:
        """Strip the private file of views and staging, and move it to its Monday's place."""
        with self._open_building() as connection:
            connection.execute("drop schema if exists staging cascade")
            views = connection.execute(
                "select schema_name, view_name from duckdb_views() where not internal"
            ).fetchall()
            for schema, view in views:
                connection.execute(f'drop view "{schema}"."{view}"')
            connection.execute("checkpoint")
        target = self.version(as_of)
        target.parent.mkdir(parents=True, exist_ok=True)
        with self.building.open("rb") as file:
            os.fsync(file.fileno())
        self.building.replace(target)

    def _forget_old_mondays(self) -> None:
        standing = self.published_as_of()
        for monday in self.kept()[:-KEPT_MONDAYS]:
            if standing is None or monday != standing.isoformat():
                shutil.rmtree(self.folder / monday)


def _has_marts(connection: duckdb.DuckDBPyConnection) -> bool:
    names = connection.execute("select schema_name from duckdb_schemas() where not internal").fetchall()
    return {(name,) for name in READ_ORDER.split(",")} <= set(names)


def _answer(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyConnection:
    import duckdb

    try:
        statements = duckdb.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise QueryError("not one select statement", allowed="one `select ...`", fix="the query")
        return connection.execute(statements[0])
    except duckdb.Error as error:
        raise QueryError(
            f"DuckDB cannot answer: {error}", allowed="a select on the marts", fix="the query"
        ) from error


def _replace_by_link(source: Path, target: Path) -> None:
    """Put a second name of ``source`` in the place of ``target`` in one move; a copy where links do not work."""
    aside = target.with_name(f".{target.name}.next")
    aside.unlink(missing_ok=True)
    try:
        aside.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, aside)
    aside.replace(target)
