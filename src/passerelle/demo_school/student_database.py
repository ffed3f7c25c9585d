"""Plays the student information system: a journaled SQL database, through SQLAlchemy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from passerelle.demo_school.marker import Marker
from passerelle.errors import ConfigError, UnreachableSource
from passerelle.school import System

TYPES = {
    "text": sa.Text,
    "integer": sa.Integer,
    "number": sa.Float,
    "boolean": sa.Boolean,
    "date": sa.Date,
    "timestamp": sa.DateTime,
}


def write_student_database(
    url: str, system: System, tables: Mapping[str, pa.Table], *, until: dt.datetime, marker: Marker
) -> int:
    """Add the rows that are not yet there and were updated before ``until`` (UTC), in one transaction.

    Returns
    -------
    int
        Rows added.

    Raises
    ------
    ConfigError
        The database holds a school that this simulator did not make, or another play of it.
    """
    with _transaction(url, system) as connection:
        _claim(connection, system, marker)
        metadata = _metadata(system)
        metadata.create_all(connection)
        return sum(
            _add(connection, metadata.tables[name], system.tables[name].known_at, rows, until)
            for name, rows in tables.items()
        )


def clear_student_database(url: str, system: System) -> None:
    """Drop the simulator's tables, if the database is its own."""
    with _transaction(url, system) as connection:
        if sa.inspect(connection).has_table(Marker.table_name):
            _metadata(system).drop_all(connection)
            _marker_table(sa.MetaData()).drop(connection)


@contextmanager
def _transaction(url: str, system: System) -> Iterator[sa.Connection]:
    """All or nothing; the connection is closed at the end."""
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    except sa.exc.OperationalError as error:
        raise UnreachableSource(
            f"the student database {engine.url.render_as_string(hide_password=True)} does not answer",
            allowed="a database that this user may write to",
            fix=f"{system.location_env}, or start the database",
        ) from error
    finally:
        engine.dispose()


def _claim(connection: sa.Connection, system: System, marker: Marker) -> None:
    """Leave our mark, or stop before touching a database that is not ours."""
    inspector = sa.inspect(connection)
    table = _marker_table(sa.MetaData())
    if inspector.has_table(table.name):
        marker.check(connection.execute(sa.select(table.c.play)).scalar_one())
        return
    foreign = sorted(set(system.tables) & set(inspector.get_table_names()))
    if foreign:
        raise ConfigError(
            f"the student database already has a table '{foreign[0]}' that the simulator did not make",
            allowed="an empty database, or one that the simulator made",
            fix=system.location_env,
        )
    table.create(connection)
    connection.execute(table.insert().values(play=marker.play))


def _marker_table(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(Marker.table_name, metadata, sa.Column("play", sa.Text, nullable=False))


def _metadata(system: System) -> sa.MetaData:
    metadata = sa.MetaData()
    for name, table in system.tables.items():
        keys = {*table.key, table.known_at}
        columns: list[sa.Column[Any]] = [
            sa.Column(column, TYPES[kind], primary_key=column in keys, autoincrement=False)
            for column, kind in table.columns.items()
        ]
        sa.Table(name, metadata, *columns, sa.Index(f"{name}_{table.known_at}", table.known_at))
    return metadata


def _add(
    connection: sa.Connection, table: sa.Table, known_at: str, rows: pa.Table, until: dt.datetime
) -> int:
    newest: dt.datetime | None = connection.execute(sa.select(sa.func.max(table.c[known_at]))).scalar_one()
    wanted = pc.less(rows[known_at], pa.scalar(until, pa.timestamp("s")))
    if newest is not None:
        wanted = pc.and_(wanted, pc.greater(rows[known_at], pa.scalar(newest, pa.timestamp("s"))))
    added = rows.filter(wanted).to_pylist()
    if added:
        connection.execute(table.insert(), added)
    return len(added)
