"""A school is a folder: its school.toml and its systems/*.toml, typed, frozen and closed."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from passerelle.errors import ConfigError
from passerelle.freshness import Freshness
from passerelle.outcome_definitions import Outcome
from passerelle.settings import PROJECT_DIR, Settings, environment_value, schools_dir
from passerelle.typed_files import Closed, Model, read_toml

ENTITIES = (
    "learners",
    "trainings",
    "cohorts",
    "enrolments",
    "enrolment_status_changes",
    "attendance",
    "activity_days",
    "assessments",
    "assessment_results",
    "internships",
    "partners",
    "outcome_events",
    "coaches",
    "caseloads",
    "support_actions",
    "profiling_objections",
)


def _known_time_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"no time zone '{name}'; Europe/Brussels is one") from error


Share = Annotated[float, Field(gt=0, le=1)]
Language = Literal["fr", "nl", "en"]
ColumnType = Literal["text", "integer", "number", "boolean", "date", "timestamp"]


class Lottery(Closed):
    """Places around the cut that are drawn by lot, so that the school can tell whether a place helps.

    Attributes
    ----------
    places : int
        How many of a coach's places: the last ones by need, for twice as many candidates.
    seed : str
        Makes the draw; with another one other learners have luck.
    """

    places: int = Field(gt=0)
    seed: str = Field(min_length=1, pattern=r"^[A-Za-z0-9 _-]+$")


class Coaching(Closed):
    """How many learners a coach can talk to in one week, and whether some of the places are drawn by lot."""

    capacity: int = Field(gt=0, le=50)
    default_language: Language
    lottery: Lottery | None = None

    @model_validator(mode="after")
    def _draws_no_more_than_it_has(self) -> Coaching:
        if self.lottery and self.lottery.places > self.capacity:
            raise ValueError(
                f"lottery.places is {self.lottery.places}, more than the capacity of {self.capacity}"
            )
        return self


class OverviewReader(Closed):
    """A campus lead, or the school's director: who reads about classes, and of nobody.

    Attributes
    ----------
    id : str
        Names the file and the mail.
    campus : str or None
        The campus that is read about; all of them when not given.
    address : str
        A mailbox of the function, not of a person: this file is no place for names.
    """

    id: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    campus: str | None = None
    language: Language
    address: str


class Backtest(Closed):
    """Which cohorts judge the model, on which days of training.

    ``as_of`` is the Monday on which the test cohorts' outcomes are known; without it, the current one.
    """

    days: tuple[int, ...]
    test_cohorts_started_from: dt.date
    as_of: dt.date | None = None


class ModelChoices(Closed):
    """What is predicted, and how it is judged."""

    targets: tuple[Literal["completes", "obtains_internship", "placed"], ...]
    ranked_by: Literal["completes", "placed"]
    min_mature_enrolments: int = Field(gt=0)
    backtest: Backtest


class Table(Closed):
    """One table that a system sends us: the frozen schema contract of its landing.

    Attributes
    ----------
    key : tuple of str
        Columns that identify a record; together with the known-at date, one version of it. Empty when rows have no
        identity: every delivery is then one whole, kept as it came, and readers take the newest ``_known_at``.
    known_at : str
        Column that says when the record was known, or ``file_date`` or ``landed_at``.
    identifying : tuple of str
        Columns that go to the vault and nowhere else.
    pseudonyms : dict
        Column to kind of person (``learner`` or ``coach``): replaced by a keyed pseudonym.
    file : str or None
        File name with ``{date}`` for the day of the export, for systems of files.
    """

    key: tuple[str, ...]
    known_at: str
    columns: dict[str, ColumnType]
    optional_columns: tuple[str, ...] = ()
    identifying: tuple[str, ...] = ()
    phone_columns: tuple[str, ...] = ()
    pseudonyms: dict[str, Literal["learner", "coach"]] = Field(default_factory=dict)
    file: str | None = None

    @model_validator(mode="after")
    def _names_declared_columns(self) -> Table:
        special = {self.known_at} - {"file_date", "landed_at"}
        named = {
            *self.key,
            *self.optional_columns,
            *self.identifying,
            *self.phone_columns,
            *self.pseudonyms,
            *special,
        }
        if unknown := sorted(named - set(self.columns)):
            raise ValueError(f"names the column '{unknown[0]}', which [columns] does not declare")
        if self.known_at == "file_date" and "{date}" not in (self.file or ""):
            raise ValueError("known_at is file_date, but the file name has no {date}")
        return self


class System(Closed):
    """One system of a school: where it is and what it sends."""

    kind: Literal["sql", "files"]
    location_env: str
    default_location: str | None = None
    delimiter: str = ","
    encoding: Literal["utf-8", "utf-8-sig", "latin-1"] = "utf-8"
    date_format: str = "%Y-%m-%d"
    timestamp_format: str = "%Y-%m-%dT%H:%M:%SZ"
    decimal: Literal[".", ","] = "."
    null_markers: tuple[str, ...] = ("",)
    tables: dict[str, Table]

    @model_validator(mode="after")
    def _dates_every_row_of_a_database(self) -> System:
        for name, table in self.tables.items():
            if self.kind == "sql" and table.known_at not in table.columns:
                raise ValueError(
                    f"tables.{name}.known_at is no column: a database is read on from its latest value"
                )
        return self

    @property
    def place_to_fix(self) -> str:
        """What to set, or to run, when the system is not where it is looked for."""
        is_simulated = "/demo_school/" in (self.default_location or "")
        return f"{self.location_env}{', or run `passerelle demo` for the simulated school' if is_simulated else ''}"

    def location(self, settings: Settings) -> str:
        """Where the system is: the environment's answer, else the embedded default.

        Raises
        ------
        ConfigError
            Neither the environment nor the system's file names a place.
        """
        named = environment_value(self.location_env)
        if named:
            return named
        if self.default_location is None:
            raise ConfigError(
                f"{self.location_env} is not set",
                allowed="a database URL" if self.kind == "sql" else "a folder",
                fix=f"export {self.location_env}=..., or see .env.example",
            )
        return self.default_location.format(home=settings.state_dir, project=PROJECT_DIR)


class School(Closed):
    """What school.toml says.

    Attributes
    ----------
    now : datetime.date or None
        The school's own "today" when it is a demonstration or a closed data set; None means the clock.
    entities : dict
        Conformed entity to the systems whose staging models feed it.
    known_lag_days : dict
        For history loaded in bulk without a known-at date: entity to days between fact and knowledge.
    freshness : Freshness
        How long a kind of fact may be silent.
    """

    name: str
    time_zone: Annotated[str, AfterValidator(_known_time_zone)]
    languages: tuple[Language, ...]
    target_rate: Share
    now: dt.date | None = None
    outcome: Outcome
    coaching: Coaching
    systems: tuple[str, ...]
    entities: dict[str, tuple[str, ...]]
    known_lag_days: dict[str, int] = Field(default_factory=dict)
    freshness: Freshness = Freshness()
    model: ModelChoices
    overviews: tuple[OverviewReader, ...] = ()

    @model_validator(mode="after")
    def _reads_from_its_own_systems(self) -> School:
        for entity, systems in self.entities.items():
            if unknown := sorted(set(systems) - set(self.systems)):
                raise ValueError(
                    f"entities.{entity} names the system '{unknown[0]}', which systems does not list"
                )
        return self

    @model_validator(mode="after")
    def _promises_what_is_counted(self) -> School:
        if self.entities.get("outcome_events"):
            self.outcome.check_against_the_registry()
        return self

    @model_validator(mode="after")
    def _speaks_its_own_languages(self) -> School:
        spoken = {self.coaching.default_language, *(reader.language for reader in self.overviews)}
        if unknown := sorted(spoken - set(self.languages)):
            raise ValueError(f"somebody is to read '{unknown[0]}', which languages does not list")
        return self

    def today(self) -> dt.date:
        """The school's own now, else the clock's day in its time zone."""
        return self.now or dt.datetime.now(ZoneInfo(self.time_zone)).date()

    def midnight_utc(self, day: dt.date) -> dt.datetime:
        """When a day begins in the school's time zone, in UTC, naive as landed moments are."""
        local = dt.datetime.combine(day, dt.time(), ZoneInfo(self.time_zone))
        return local.astimezone(dt.UTC).replace(tzinfo=None)

    def current_monday(self) -> dt.date:
        """The Monday on or before the school's today."""
        today = self.today()
        return today - dt.timedelta(days=today.weekday())


@cache
def _read(path: Path, kind: type[Model]) -> Model:
    return read_toml(path, kind)


def school_dir(name: str) -> Path:
    """Folder of a school.

    Raises
    ------
    ConfigError
        There is no such school.
    """
    folder = schools_dir() / name
    if not (folder / "school.toml").is_file():
        known = sorted(path.parent.name for path in folder.parent.glob("*/school.toml"))
        raise ConfigError(
            f"no school '{name}'", allowed=", ".join(known), fix=f"{folder.parent}/<school>/school.toml"
        )
    return folder


def load_school(name: str) -> School:
    """Read and check ``schools/<name>/school.toml``.

    Raises
    ------
    ConfigError
        The folder is missing, or a key is unknown, missing or of the wrong type.
    """
    path = school_dir(name) / "school.toml"
    school = _read(path, School)
    named = {*school.entities, *school.freshness.stale_after_days}
    unknown = sorted(named - set(ENTITIES))
    if unknown:
        raise ConfigError(
            f"{path}: unknown entity '{unknown[0]}'", allowed=", ".join(ENTITIES), fix=str(path)
        )
    return school


def load_system(school: str, system: str) -> System:
    """Read and check ``schools/<school>/systems/<system>.toml``."""
    path = school_dir(school) / "systems" / f"{system}.toml"
    if not path.is_file():
        raise ConfigError(f"no system '{system}' for {school}", allowed="a file per system", fix=str(path))
    return _read(path, System)


def parse_monday(text: str | dt.date) -> dt.date:
    """Read an as-of date.

    Raises
    ------
    ConfigError
        Not a date, or not a Monday.
    """
    try:
        day = text if isinstance(text, dt.date) else dt.date.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(
            f"as-of '{text}' is not a date", allowed="YYYY-MM-DD, a Monday", fix="--as-of"
        ) from error
    if day.weekday() != 0:
        monday = day - dt.timedelta(days=day.weekday())
        raise ConfigError(
            f"as-of {day} is a {day:%A}", allowed=f"a Monday, for example {monday}", fix="--as-of"
        )
    return day
