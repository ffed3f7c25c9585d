"""One Monday's lists, with names, as the desk may show them: the coach's own learners, while they are the coach's."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from passerelle.answer_links import AnswerLink, meant_by
from passerelle.caseloads import followed
from passerelle.errors import LinkElsewhere
from passerelle.reports.names import short_pseudonym, shown_name
from passerelle.school import load_school
from passerelle.settings import Settings
from passerelle.vault import Vault
from passerelle.warehouse import Warehouse

#: A list can be answered for two weeks; one Monday more, for whoever looks back on its last day.
KEPT_WEEKS = 3
LISTS = "select * from mart_risk_list order by list_owner_id, list_position, enrolment_id"
LANGUAGES = "select coach_id, language from dim_coach"
STILL_THERE = """
select enrolment_id from fct_enrolment_week
where is_active and as_of_date = (select max(as_of_date) from fct_enrolment_week)
"""


@dataclass(frozen=True)
class Learner:
    """One learner of a coach: the row of the risk list, and the name (empty where nothing readable is known)."""

    enrolment_id: str
    learner_id: str
    name: str
    short: str
    is_listed: bool
    is_also_check_in: bool
    row: Mapping[str, Any]


@dataclass(frozen=True)
class OwnList:
    """What one coach may see of one Monday.

    Attributes
    ----------
    learners : mapping of str to Learner
        By enrolment, in the order of the list; those who are no longer the coach's are not among them.
    """

    as_of: dt.date
    coach_id: str
    language: str
    learners: Mapping[str, Learner]

    @property
    def listed(self) -> list[Learner]:
        """Learners whom the list names."""
        return [learner for learner in self.learners.values() if learner.is_listed]

    @property
    def also(self) -> list[Learner]:
        """Learners drawn by lot to be asked after, beside the list."""
        return [learner for learner in self.learners.values() if learner.is_also_check_in]


class Weeks:
    """The lists of the last Mondays, read once per publication and whenever the vault has changed.

    Parameters
    ----------
    settings : Settings
        Names the school and its state folder.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._warehouse = Warehouse(settings)
        self._read: dict[tuple[object, ...], _Week] = {}
        self._lock = threading.Lock()

    def own_list(self, link: AnswerLink) -> OwnList:
        """The list of the coach whom a verified link is for.

        Raises
        ------
        LinkElsewhere
            The coach had no list that Monday.
        BuildError, QueryError
            That Monday's warehouse is not there.
        """
        week = self._week(link.as_of)
        coach_id = meant_by(self._settings, link.coach, kind="coach", ids=week.owners)
        return week.own_list(coach_id)

    def learner(self, own: OwnList, link: AnswerLink) -> Learner:
        """The learner whom a link is for, among the coach's own.

        Raises
        ------
        LinkElsewhere
            Nobody whom the coach may see.
        """
        return own.learners[meant_by(self._settings, link.enrolment, kind="enrolment", ids=own.learners)]

    def _week(self, as_of: dt.date) -> _Week:
        today = load_school(self._settings.school).today()
        names = Vault(self._settings).folder / "learner"
        read = (self._warehouse.version(as_of), self._warehouse.published, names)
        stamps = tuple(path.stat().st_mtime_ns if path.exists() else None for path in read)
        key = (as_of, today, *stamps)
        with self._lock:
            if key not in self._read:
                kept = list(self._read.items())[1 - KEPT_WEEKS :]
                self._read = {**dict(kept), key: _Week(self._settings, self._warehouse, as_of, today)}
            return self._read[key]


class _Week:
    """What was true that Monday, and who is whose today."""

    def __init__(self, settings: Settings, warehouse: Warehouse, as_of: dt.date, today: dt.date) -> None:
        self._settings, self._as_of = settings, as_of
        lists = warehouse.frame(LISTS, as_of=as_of)
        there = set(warehouse.frame(STILL_THERE)["enrolment_id"])
        standing = followed(warehouse, today)
        languages = warehouse.frame(LANGUAGES, as_of=as_of).set_index("coach_id")["language"].dropna()
        self._languages: dict[str, str] = {str(coach): language for coach, language in languages.items()}
        self.owners = list(lists["list_owner_id"].unique())
        records = [{str(name): value for name, value in row.items()} for row in lists.to_dict("records")]
        self._rows = [
            row
            for row in records
            if row["enrolment_id"] in there
            and (
                row["list_owner_id"] == row["cohort_id"]
                or (row["list_owner_id"], row["enrolment_id"]) in standing
            )
        ]

    @cached_property
    def _names(self) -> dict[str, str]:
        people = Vault(self._settings).people("learner", sorted({row["learner_id"] for row in self._rows}))
        parts = people.reindex(columns=["first_name", "last_name"]).itertuples(name=None)
        return {person_id: shown_name(first, last) for person_id, first, last in parts}

    @cached_property
    def _own(self) -> dict[str, OwnList]:
        school = load_school(self._settings.school)
        default = school.coaching.default_language
        learners: dict[str, dict[str, Learner]] = {owner: {} for owner in self.owners}
        for row in self._rows:
            learners[row["list_owner_id"]][row["enrolment_id"]] = Learner(
                row["enrolment_id"],
                row["learner_id"],
                self._names[row["learner_id"]],
                short_pseudonym(row["learner_id"]),
                row["is_listed"] is True,
                row["is_also_check_in"] is True,
                row,
            )
        return {
            owner: OwnList(self._as_of, owner, language if language in school.languages else default, own)
            for owner, own in learners.items()
            for language in [self._languages.get(owner)]
        }

    def own_list(self, coach_id: str) -> OwnList:
        """What one coach may see."""
        if coach_id not in self._own:
            raise LinkElsewhere("a coach without a list that Monday")
        return self._own[coach_id]
