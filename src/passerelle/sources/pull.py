"""One pull: every table of every system of a school, through the door, by dlt, into the waiting room.

Every pull begins at the bookmarks of the last acceptance, so that it may be killed or repeated at any time. A table in
trouble stops alone: the pull begins anew without it, the others land, its bookmark stays, and its error is raised at
the end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from passerelle.errors import BadValue, ConfigError, SourceError, UnreachableSource
from passerelle.landing import ROW_GROUP_ROWS, Landing, Pull
from passerelle.school import load_school, load_system, school_dir
from passerelle.settings import Settings
from passerelle.sources.door import Door, Load, Place, landing_schema
from passerelle.vault import Vault
from passerelle.versions import Versions

if TYPE_CHECKING:
    from dlt import Pipeline, Schema
    from dlt.sources import DltResource

Progress = Callable[[str, int, int], None]
DLT_TYPES = {"string": "text", "int64": "bigint", "double": "double", "bool": "bool", "date32[day]": "date"}


@dataclass(frozen=True)
class PullResult:
    """What one pull brought to the waiting room.

    Attributes
    ----------
    load_id : str
        Its name.
    rows : dict
        New rows per table (``system.table``), tables with nothing new included.
    """

    load_id: str
    rows: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        """The result for JSON."""
        return asdict(self)


def pull_school(school: str, settings: Settings, *, progress: Progress | None = None) -> PullResult:
    """Bring what is new in every system of a school to the waiting room; names go to the vault.

    Parameters
    ----------
    school : str
        Folder name under ``schools/``.
    settings : Settings
        Names the state folder.
    progress : callable, optional
        Called with a text, the number of tables done and their total.

    Returns
    -------
    PullResult
        When every table could be pulled.

    Raises
    ------
    SourceError
        Some tables are in trouble: the error of the one, or one that lists all. The others wait for gate 1 all the
        same, and nothing of the troubled ones was stored.
    """
    places = declared_places(school)
    landing = Landing(settings)
    with landing.locked():
        for place in places:
            landing.ensure_table(place.system_name, place.table_name, landing_schema(place.table))
        pulling = _Pulling(places, landing=landing, settings=settings, progress=progress or _silent)
        pull = pulling.until_untroubled()
        landing.complete(pull)
    if pulling.troubles:
        raise _all_in_one(pulling.troubles)
    return PullResult(pull.load_id, pull.rows)


def declared_places(school: str) -> list[Place]:
    """Every table of every system that a school connects."""
    places = []
    for system_name in load_school(school).systems:
        system = load_system(school, system_name)
        declared_in = school_dir(school) / "systems" / f"{system_name}.toml"
        places += [Place(system_name, name, system, table, declared_in) for name, table in system.tables.items()]
    return places


class _TableTrouble(Exception):
    """A table that must be left out, by name, and why."""

    def __init__(self, name: str, error: SourceError) -> None:
        super().__init__(name)
        self.name, self.error = name, error


class _Pulling:
    """The attempts of one pull, each without the tables that troubled an earlier one."""

    def __init__(self, places: list[Place], *, landing: Landing, settings: Settings, progress: Progress) -> None:
        self.troubles: dict[str, SourceError] = {}
        self._places, self._landing, self._settings, self._progress = places, landing, settings, progress
        self._vault = Vault(settings)
        began_at = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        self._load = Load(began_at.strftime("%Y%m%dT%H%M%S%fZ"), began_at)
        self._open: dict[str, Any] = {}

    def until_untroubled(self) -> Pull:
        """Pull; leave out what is in trouble; pull again, until there is no trouble."""
        self._open_systems()
        while True:
            self._landing.empty_waiting_room()
            try:
                return self._once([place for place in self._places if place.name not in self.troubles])
            except _TableTrouble as trouble:
                self.troubles[trouble.name] = trouble.error

    def _open_systems(self) -> None:
        """Knock at every system; those that do not answer are left out with all their tables."""
        for place in self._places:
            if place.system_name not in self._open and place.system_name not in self.troubles:
                try:
                    self._open[place.system_name] = _opened(place, self._settings)
                except SourceError as error:
                    self.troubles[place.system_name] = error
        self._places = [place for place in self._places if place.system_name in self._open]

    def _once(self, places: list[Place]) -> Pull:
        from dlt.common import json

        passed: list[str] = []

        def tell(name: str, row_count: int) -> None:
            if name not in passed:
                passed.append(name)
            self._progress(f"reading {name}: {row_count:,} rows", len(passed) - 1, len(places))

        resources = []
        for place in places:
            door = Door(place, vault=self._vault, load=self._load, passed=tell)
            with _in_trouble(place):
                resources.append(_resource(place, opened=self._open[place.system_name], door=door))
        pipeline = _pipeline(self._landing)
        _set_bookmarks(pipeline, self._landing.bookmarks())
        _run(pipeline, resources, places)
        rows = {place.name: self._settled(place) for place in places}
        self._progress("pulled", len(places), len(places))
        return Pull(self._load.load_id, rows, json.typed_dumps(pipeline.state.get("sources", {})))
