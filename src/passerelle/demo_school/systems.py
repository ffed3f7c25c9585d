"""Puts a simulated school into its systems, as they stand on one day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa

from passerelle.demo_school.export_files import clear_export_files, write_export_files
from passerelle.demo_school.marker import Marker, marker_of
from passerelle.demo_school.student_database import clear_student_database, write_student_database
from passerelle.demo_school.world import World
from passerelle.school import System, load_school, load_system

Progress = Callable[[str, int, int], None]
DESK = "desk"


def write_systems(
    world: World, places: Path | Mapping[str, str], *, now: dt.date, progress: Progress | None = None
) -> dict[str, int]:
    """Write what each system holds at the start of a day, and nothing that it could not know yet.

    Called again for a later day it only adds: rows in the database, files beside the files. Called again for
    the same day it changes nothing.

    Parameters
    ----------
    world : World
        The simulated school.
    places : pathlib.Path or mapping
        One folder for all systems, or system to database URL or folder.
    now : datetime.date
        The school's today.
    progress : callable, optional
        Told what is being done, how much is done, of how much.

    Returns
    -------
    dict
        System to rows added.

    Raises
    ------
    ConfigError
        A place holds something that the simulator did not make, or another play.
    """
    where = default_places(world.play.config.folder, places) if isinstance(places, Path) else places
    marker = marker_of(world.play.config, seed=world.play.dice.seed, learners=len(world.enrolments))
    written = {}
    for number, (name, place) in enumerate(where.items()):
        if progress:
            progress(f"writing {name}", number, len(where))
        system = load_system(world.play.config.folder, name)
        written[name] = _write(world, name, system, place, now=now, marker=marker)
    return written


def clear_systems(school: str, places: Mapping[str, str]) -> None:
    """Remove what the simulator made, and only that."""
    for name, place in places.items():
        system = load_system(school, name)
        if system.kind == "sql":
            clear_student_database(place, system)
        else:
            clear_export_files(Path(place), system)


def played_systems(school: str) -> tuple[str, ...]:
    """Systems that the simulator plays: all but the desk, which Passerelle keeps itself."""
    return tuple(name for name in load_school(school).systems if name != DESK)


def default_places(school: str, folder: Path) -> dict[str, str]:
    """System to place, with all of them under one folder."""
    places = {}
    for name in played_systems(school):
        is_database = load_system(school, name).kind == "sql"
        places[name] = f"sqlite:///{folder / name}.sqlite" if is_database else str(folder / name)
    folder.mkdir(parents=True, exist_ok=True)
    return places


def _write(world: World, name: str, system: System, place: str, *, now: dt.date, marker: Marker) -> int:
    tables: dict[str, pa.Table] = {table: world.tables[f"{name}.{table}"] for table in system.tables}
    if system.kind == "sql":
        midnight = dt.datetime.fromtimestamp(world.play.calendar.midnight_utc(now), dt.UTC).replace(
            tzinfo=None
        )
        return write_student_database(place, system, tables, until=midnight, marker=marker)
    nightly_from = world.play.config.assumed.exports.nightly_from
    return write_export_files(Path(place), system, tables, now=now, nightly_from=nightly_from, marker=marker)
