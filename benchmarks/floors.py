"""What the same rows cost in hand-written SQL: runs a floor over a school, and holds its rows against ours.

The floor ``name`` is ``floor_<name>.sql``. Each of its tables is called after the mart whose rows it has; it may leave
out columns of it.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
from landed_school import PEOPLE_AT_A_TIME

from passerelle.school import load_school
from passerelle.settings import PROJECT_DIR, Settings
from passerelle.starting_point import clock_changes

MODELS = PROJECT_DIR / "dbt" / "models"


def sql_of(name: str) -> str:
    """The text of a floor."""
    return Path(__file__).with_name(f"floor_{name}.sql").read_text(encoding="utf-8")


def models_behind(*marts: str) -> set[str]:
    """The dbt models that lie between the conformed tables and these marts, the marts included."""
    behind: set[str] = set()
    waiting = set(marts)
    while waiting:
        model = waiting.pop()
        behind.add(model)
        waiting |= {name for name in _read_by(model) if _folder(name) in ("intermediate", "marts")} - behind
    return behind


def _read_by(model: str) -> list[str]:
    return re.findall(r'ref\("(\w+)"\)', _paths()[model].read_text(encoding="utf-8"))


def _folder(model: str) -> str:
    return _paths()[model].parent.name if model in _paths() else "seeds"


@cache
def _paths() -> dict[str, Path]:
    return {path.stem: path for path in MODELS.rglob("*.sql")}


def write(name: str, settings: Settings, *, as_of: dt.date, built: Path) -> float:
    """Write a floor's tables from the built warehouse; gives back the seconds of its SQL."""
    with _new_file(name, settings, as_of) as connection:
        connection.execute(f"attach '{built}' as built (read_only)")
        started = time.perf_counter()
        connection.execute(sql_of(name))
        return time.perf_counter() - started


def write_panel(settings: Settings, *, as_of: dt.date) -> float:
    """Write the floor's panel from the landed parquet; gives back the seconds of its SQL.

    A school of more than 100,000 is counted so many enrolments at a time, part by part as a full build does: their
    facts lie in files of their own, and of the others DuckDB reads no more than the range of their numbers.
    """
    landing = settings.part("landing", "_").parent
    sql = sql_of("panel").replace("{landing}", str(landing))
    with _new_file("panel", settings, as_of) as connection:
        started = time.perf_counter()
        for number, part in enumerate(_parts(connection, landing)):
            into = "insert into fct_enrolment_week" if number else "create table fct_enrolment_week as"
            connection.execute(f"{into} {sql.replace('{part}', part)}")
        return time.perf_counter() - started


def _parts(connection: duckdb.DuckDBPyConnection, landing: Path) -> list[str]:
    count = connection.execute(
        f"select count(*) from read_parquet('{landing}/sis/enrolment/*.parquet')"
    ).fetchall()[0][0]
    if count <= PEOPLE_AT_A_TIME:
        return ["true"]
    return [
        f"enrolment_no between 'E{first:07}' and 'E{first + PEOPLE_AT_A_TIME - 1:07}'"
        for first in range(0, count, PEOPLE_AT_A_TIME)
    ]


def file_of(name: str, settings: Settings) -> Path:
    """Where a floor's tables are written."""
    return settings.part("floors", f"{name}.duckdb")


def _new_file(name: str, settings: Settings, as_of: dt.date) -> duckdb.DuckDBPyConnection:
    """A new file under the limits of a build, with the macros that the floors ask of the calendar."""
    file_of(name, settings).unlink(missing_ok=True)
    connection = duckdb.connect(
        str(file_of(name, settings)), config={"storage_compatibility_version": "v1.3.0"}
    )
    connection.execute(f"set threads = 2; set memory_limit = '{settings.memory_limit}'")
    zone = load_school(settings.school).time_zone
    offset = _offset(clock_changes(ZoneInfo(zone), as_of))
    connection.execute(
        "create macro week(day) as cast((day - date '1970-01-05') // 7 + 1 as integer);"
        f"create macro as_of() as date '{as_of}';"
        f"create macro midnight() as timezone('UTC', timezone('{zone}', timestamp '{as_of}'));"
        f"create macro local(known) as make_timestamp(epoch_us(known) + {offset})"
    )
    return connection


def _offset(changes: list[dict[str, object]]) -> str:
    """Microseconds that the school's clocks are ahead of UTC, found by halving the list of their changes."""
    if len(changes) == 1:
        return str(changes[0]["offset_microseconds"])
    half = len(changes) // 2
    is_before = f"known < timestamp '{changes[half]['at']}'"
    return f"if({is_before}, {_offset(changes[:half])}, {_offset(changes[half:])})"


def check(name: str, settings: Settings, built: Path) -> str:
    """Hold each table of a floor against the built mart of its name; says how many rows are equal.

    Raises
    ------
    SystemExit
        A row differs.
    """
    with side_by_side(settings, built=built, floor=file_of(name, settings)) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'floor' order by all"
        )
        return ", ".join(
            f"{table} {compare(connection, table, f'from built.marts.{table}', f'from floor.{table}'):,}"
            for (table,) in tables.fetchall()
        )


def side_by_side(settings: Settings, **files: Path) -> duckdb.DuckDBPyConnection:
    """A connection to several files, under the limits of a build."""
    connection = duckdb.connect()
    connection.execute(f"set threads = 2; set memory_limit = '{settings.memory_limit}'")
    connection.execute(f"set temp_directory = '{settings.part('spill', '_').parent}'")
    for name, path in files.items():
        connection.execute(f"attach '{path}' as {name} (read_only)")
    return connection


def compare(connection: duckdb.DuckDBPyConnection, name: str, ours: str, theirs: str) -> int:
    """How many rows two queries both give, by the columns of the second; numbers with a fraction to the ninth digit.

    Per value of the first column the hashes of our rows and of theirs have to add up to the same: that takes one pass
    and no memory to speak of, where a set difference would keep every row.

    Raises
    ------
    SystemExit
        They differ, or there are none.
    """
    columns = connection.execute(f"describe {theirs}").fetchall()
    names = ", ".join(
        f"round({column}, 9) as {column}" if kind == "DOUBLE" else column for column, kind, *_ in columns
    )
    key = columns[0][0]
    rows, different, example = connection.execute(
        f"with sides as (select 1 as side, {names} from ({ours}) union all select -1, {names} from ({theirs})),"
        f" sums as (select {key} as key, count(*) filter (side = 1) as rows,"
        f" sum(side) as more, sum(side * hash({_listed(columns)})::hugeint) as weight from sides group by key)"
        " select sum(rows), count(*) filter (more <> 0 or weight <> 0), min(key) filter (more <> 0 or weight <> 0)"
        " from sums"
    ).fetchall()[0]
    if not rows:
        raise SystemExit(f"{name} has no rows to compare: the school is too small")
    if different:
        raise SystemExit(f"{name} differs for {different} values of {key}, {example!r} among them")
    return int(rows)


def _listed(columns: Iterable[tuple[str, ...]]) -> str:
    return ", ".join(column for column, *_ in columns)
