"""Systems that are SQL databases: dlt reads what is new by the table's known-at column."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyarrow as pa

from passerelle.errors import SchemaMismatch, UnreachableSource
from passerelle.settings import Settings
from passerelle.sources.door import Delivery, Door, Place, check_columns, landing_schema
from passerelle.sources.extraction import RAW

if TYPE_CHECKING:
    from dlt.sources import DltResource
    from sqlalchemy import URL, Engine

_CHUNK_ROWS = 50_000
_LATE_COMMIT_S = (
    24 * 3600
)  # a transaction may end after rows with a later updated_at were read: look back one day


def database_of(place: Place, settings: Settings) -> Engine:
    """Engine of a system's database, after it has answered; SQLite files are opened read-only.

    Raises
    ------
    UnreachableSource
        It does not answer; the message has no password.
    """
    import sqlalchemy as sa

    try:
        url = sa.make_url(place.system.location(settings))
        engine = sa.create_engine(_read_only(url, place))
        with engine.connect():
            return engine
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
        raise UnreachableSource(
            f"{place.system_name}: {place.system.location_env} is no URL of a database that we have a driver for",
            allowed="dialect+driver://user:password@host/database",
            fix=place.system.place_to_fix,
        ) from error
    except sa.exc.DBAPIError as error:
        reason = str(error.orig).splitlines()[0]
        shown = url.render_as_string(hide_password=True)
        raise UnreachableSource(
            f"{place.system_name}: the database {shown} does not answer: {reason}",
            allowed="a database that answers, and lets this user read",
            fix=place.system.place_to_fix,
        ) from error


def _read_only(url: URL, place: Place) -> URL:
    if url.get_backend_name() != "sqlite":
        return url
    if not url.database or not Path(url.database).is_file():
        raise UnreachableSource(
            f"{place.system_name}: no SQLite file {url.database}",
            allowed="a database",
            fix=place.system.place_to_fix,
        )
    return url.set(
        database=f"file:{quote(str(Path(url.database).resolve()))}", query={"mode": "ro", "uri": "true"}
    )


def check_table(place: Place, engine: Engine) -> None:
    """Compare a table of the database with its declaration.

    Raises
    ------
    SchemaMismatch
        The table, or a column, is missing, or there is a column too many.
    """
    import sqlalchemy as sa

    inspector = sa.inspect(engine)
    if not inspector.has_table(place.table_name):
        raise SchemaMismatch(
            f"{place.name}: the database has no table {place.table_name}",
            allowed=", ".join(sorted(inspector.get_table_names())),
            fix=f"the database, or {place.declared_in} if the change was agreed",
        )
    names = [column["name"] for column in inspector.get_columns(place.table_name)]
    check_columns(names, place=place, origin=f"the table {place.table_name}")


def table_resource(place: Place, *, name: str, engine: Engine, door: Door) -> DltResource:
    """dlt resource that yields the rows of a table from the last known-at date on, oldest first.

    dlt keeps no digests of the rows it has read at that date (they would be digests of names): those rows come again,
    and are dropped when the load is settled.
    """
    import dlt
    from dlt.sources.sql_database import sql_table

    known_at = place.table.known_at
    newest = dlt.sources.incremental[object](
        known_at,
        primary_key=(),
        row_order="asc",
        on_cursor_value_missing="include",
        lag=_LATE_COMMIT_S if place.table.columns[known_at] == "timestamp" else 1,
    )
    rows = sql_table(
        engine,
        table=place.table_name,
        backend="pyarrow",
        chunk_size=_CHUNK_ROWS,
        included_columns=list(place.table.columns),
        incremental=newest,
    ).with_name(f"{name}{RAW}")
    read_count = 0

    def let_in(chunk: pa.Table) -> pa.Table:
        nonlocal read_count
        delivery = Delivery(f"what was read from the table {place.table_name}", first_row=read_count + 1)
        read_count += chunk.num_rows
        return door.let_in(chunk, delivery).cast(landing_schema(place.table))

    return rows | dlt.transformer(let_in, name=name)
