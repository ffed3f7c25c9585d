"""One pull: every table of every system of a school, through the door, by dlt, into the waiting room.

Every pull begins at the bookmarks of the last acceptance, so that it may be killed or repeated at any time. A table in
trouble stops alone: the pull begins anew without it, the others land, its bookmark stays, and its error is raised at
the end.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passerelle.answer_book import SYSTEM as DESK
from passerelle.answer_book import AnswerBook
from passerelle.errors import SourceError
from passerelle.landing import Landing, Pull
from passerelle.said import SAID
from passerelle.school import load_school, load_system, school_dir
from passerelle.settings import Settings
from passerelle.sources.door import Door, Load, Place, landing_schema
from passerelle.sources.extraction import TableTrouble, extract, extracted_files, prepare_dlt, resource_name
from passerelle.sources.files import files_resource, folder_of
from passerelle.sources.sql import check_table, database_of, table_resource
from passerelle.vault import Vault
from passerelle.versions import settle

if TYPE_CHECKING:
    from dlt.sources import DltResource
    from sqlalchemy import Engine

Progress = Callable[[str, int, int], None]


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
    prepare_dlt()
    places = declared_places(school)
    landing = Landing(settings)
    if DESK in load_school(school).systems:
        AnswerBook(settings).prepare().close()
    with landing.locked():
        for kind, (schema, _) in SAID.items():
            landing.ensure_table("outlook", kind, schema)
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
        places += [
            Place(system_name, name, system, table, declared_in) for name, table in system.tables.items()
        ]
    return places


class _Pulling:
    """The attempts of one pull, each without the tables that troubled an earlier one."""

    def __init__(
        self, places: list[Place], *, landing: Landing, settings: Settings, progress: Progress
    ) -> None:
        self.troubles: dict[str, SourceError] = {}
        self._landing, self._settings, self._progress = landing, settings, progress
        self._vault = Vault(settings)
        began_at = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        self._load = Load(began_at.strftime("%Y%m%dT%H%M%S%fZ"), began_at)
        self._opened: dict[str, Engine | Path] = {}
        self._places = [place for place in places if self._is_open(place)]

    def until_untroubled(self) -> Pull:
        """Pull; leave out what is in trouble; pull again, until there is no trouble."""
        while True:
            self._landing.empty_waiting_room()
            try:
                return self._once([place for place in self._places if place.name not in self.troubles])
            except TableTrouble as trouble:
                self.troubles[trouble.name] = trouble.error

    def _is_open(self, place: Place) -> bool:
        """Knock at a table's system; one that does not answer is left out with all its tables."""
        system = place.system_name
        if system not in self._opened and system not in self.troubles:
            knock = database_of if place.system.kind == "sql" else folder_of
            try:
                self._opened[system] = knock(place, self._settings)
            except SourceError as error:
                self.troubles[system] = error
        return system in self._opened

    def _once(self, places: list[Place]) -> Pull:
        tell = _Teller(self._progress, [place.name for place in places])
        resources = [self._resource(place, tell) for place in places]
        aside = self._landing.incoming_folder / "dlt"
        bookmarks = extract(resources, places=places, folder=aside, bookmarks=self._landing.bookmarks())
        rows = {place.name: self._settled(place, aside) for place in places}
        shutil.rmtree(aside)
        tell.done()
        return Pull(self._load.load_id, rows, bookmarks)

    def _resource(self, place: Place, tell: _Teller) -> DltResource:
        opened = self._opened[place.system_name]
        door = Door(place, vault=self._vault, load=self._load, passed=tell.read)
        if isinstance(opened, Path):
            return files_resource(place, name=resource_name(place), folder=opened, door=door)
        try:
            check_table(place, opened)
        except SourceError as error:
            raise TableTrouble(place.name, error) from error
        return table_resource(place, name=resource_name(place), engine=opened, door=door)

    def _settled(self, place: Place, aside: Path) -> int:
        names = place.system_name, place.table_name
        try:
            return settle(
                extracted_files(place, aside),
                landed=self._landing.accepted_files(*names),
                schema=landing_schema(place.table),
                key=place.table.key,
                name=place.name,
                to=self._landing.waiting_folder(*names),
            )
        except SourceError as error:
            raise TableTrouble(place.name, error) from error


class _Teller:
    """Tells how far a pull is."""

    def __init__(self, progress: Progress, names: list[str]) -> None:
        self._progress, self._names, self._rows = progress, names, dict.fromkeys(names, 0)

    def read(self, name: str, row_count: int) -> None:
        """Some more rows of a table have passed the door."""
        self._rows[name] += row_count
        begun = sum(count > 0 for count in self._rows.values())
        self._progress(f"{name}: {self._rows[name]:,} rows", begun - 1, len(self._names))

    def done(self) -> None:
        """All tables are in the waiting room."""
        self._progress("all tables read", len(self._names), len(self._names))


def _silent(text: str, done: int, total: int) -> None:
    """Progress for nobody."""


def _all_in_one(troubles: dict[str, SourceError]) -> SourceError:
    errors = list(troubles.values())
    if len(errors) == 1:
        return errors[0]
    kinds = {type(error) for error in errors}
    kind = kinds.pop() if len(kinds) == 1 else SourceError
    listed = "\n".join(f"- {type(error).__name__}: {error}" for error in errors)
    return kind(
        f"{len(errors)} tables or systems are in trouble; what the others sent waits for gate 1\n{listed}",
        fix="each as it says; the next pull reads them again",
    )
