"""Frames in, frozen view models out: what one coach reads on one Monday, in words.

Every sentence that depends on a fact is made here, so that page, mail and plain text say the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import pandas as pd

from passerelle.errors import ReportError
from passerelle.reports.about import about_lines, listed_notice, stale_lines
from passerelle.reports.cohort_view import CohortLine, cohort_line
from passerelle.reports.names import short_pseudonym, shown_name
from passerelle.reports.playbook import Conversation, Playbook
from passerelle.reports.sources import StaleSource
from passerelle.reports.words import Words
from passerelle.school import School

REASON_COLUMNS = ("reason_1_code", "reason_2_code", "reason_3_code")
#: Within this distance of the last listed learner the model cannot tell who needs support more.
CLOSE_SHARE = 0.05
#: More names than this for one reason are counted, not written out.
MOST_NAMES_PER_REASON = 40


class Sentence(Protocol):
    """Says one reason or strength in words, from the dated facts of a learner's row."""

    def __call__(self, code: str, language: str, facts: Mapping[str, Any], *, strength: bool = False) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Material:
    """What the reports of one Monday are made from.

    Attributes
    ----------
    risk_list : pandas.DataFrame
        ``mart_risk_list``: one row per active enrolment.
    coaches : pandas.DataFrame
        One row per coach, index ``coach_id``: ``language``.
    cohorts : pandas.DataFrame
        One row per cohort, index ``cohort_id``: ``training_title``.
    cohort_weeks : pandas.DataFrame
        ``mart_cohort_week`` up to the Monday.
    learner_people, coach_people : pandas.DataFrame
        From the vault, index ``person_id``; null where nothing is known.
    """

    risk_list: pd.DataFrame
    coaches: pd.DataFrame
    cohorts: pd.DataFrame
    cohort_weeks: pd.DataFrame
    learner_people: pd.DataFrame
    coach_people: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Band:
    """How often learners with such a pattern needed support: a sentence, and how many of ten dots are filled."""

    sentence: str
    tenths: int | None


@dataclass(frozen=True, kw_only=True)
class ListedLearner:
    """One learner on the list, as the coach reads it."""

    name: str
    cohort: str
    since: str
    band: Band
    reasons: tuple[str, ...]
    strength: str
    conversation: Conversation


@dataclass(frozen=True, kw_only=True)
class NotScored:
    """Learners of whom the list says nothing, for one reason."""

    reason: str
    names: tuple[str, ...]
    more: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one owner of a list reads on one Monday."""

    owner_id: str
    owner_name: str
    language: str
    as_of: dt.date
    school: str
    title: str
    week: str
    data_date: str
    stale: tuple[str, ...]
    notice: tuple[str, ...]
    listed: tuple[ListedLearner, ...]
    others: tuple[str, ...]
    cohorts_heading: str
    cohorts: tuple[CohortLine, ...]
    not_scored_heading: str
    not_scored: tuple[NotScored, ...]
    not_scored_count: int
    about: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Edition:
    """The reports of one school on one Monday.

    Attributes
    ----------
    material : Material
    school : School
    as_of : datetime.date
    playbooks : mapping of str to Playbook
        By language.
    sentence : Sentence
        `support_need.explain.sentence`.
    stale_sources : tuple of StaleSource
        Systems that did not send what they should have.
    """

    material: Material
    school: School
    as_of: dt.date
    playbooks: Mapping[str, Playbook]
    sentence: Sentence
    stale_sources: tuple[StaleSource, ...] = ()

    def reports(self) -> Iterator[Report]:
        """One report per owner of a list, ordered by owner.

        Raises
        ------
        ReportError
            A language without catalogue, a code without sentence, or more names than the coaches' capacity.
        """
        for owner_id, rows in self.material.risk_list.groupby("list_owner_id", sort=True):
            yield OwnersView(edition=self, owner_id=str(owner_id), rows=rows).report()

    def language_of(self, owner_id: str) -> str:
        """The coach's own language, else the school's default."""
        coaches = self.material.coaches
        own = coaches.at[owner_id, "language"] if owner_id in coaches.index else None
        return own if isinstance(own, str) else self.school.coaching.default_language


@dataclass(frozen=True, kw_only=True)
class OwnersView:
    """One owner's rows of the risk list, on the way to a report."""

    edition: Edition
    owner_id: str
    rows: pd.DataFrame

    @cached_property
    def words(self) -> Words:
        return Words(self.edition.language_of(self.owner_id))

    @cached_property
    def listed_rows(self) -> pd.DataFrame:
        listed = self.rows[self.rows["is_listed"].fillna(False).astype(bool)]
        capacity = self.edition.school.coaching.capacity
        if len(listed) > capacity:
            raise ReportError(
                f"mart_risk_list lists {len(listed)} learners for {self.owner_id}",
                allowed=f"at most {capacity}, the coaches' capacity",
                fix="dbt/models/marts/mart_risk_list.sql, or [coaching] capacity in school.toml",
            )
        return listed.sort_values(["list_position", "enrolment_id"])

    @cached_property
    def not_scored_rows(self) -> pd.DataFrame:
        return self.rows[self.rows["not_scored_reason"].notna()]

    def report(self) -> Report:
        """The owner's report."""
        words, edition = self.words, self.edition
        is_coach = self.owner_id in edition.material.coaches.index
        cohorts = tuple(self._cohort_line(str(cohort)) for cohort in sorted(self.rows["cohort_id"].unique()))
        unjudged = len(self.not_scored_rows)
        return Report(
            owner_id=self.owner_id,
            owner_name=self._coach_name() if is_coach else "",
            language=words.language,
            as_of=edition.as_of,
            school=edition.school.name,
            title=words.say("report.title") if is_coach else words.say("report.title_cohort", cohort=self.owner_id),
            week=words.say("report.week", date=words.date(edition.as_of)),
            data_date=words.say("report.data_date", date=words.date(edition.as_of, form="full")),
            stale=stale_lines(edition.stale_sources, edition.school, words),
            notice=listed_notice(self.listed_rows, edition.school, words),
            listed=tuple(self._learner(row) for row in self.listed_rows.to_dict("records")),
            others=self._others(),
            cohorts_heading=words.say("cohort.heading", count=len(cohorts))
            if is_coach
            else words.say("cohort.heading_own"),
            cohorts=cohorts,
            not_scored_heading=words.say("not_scored.heading", count=unjudged),
            not_scored=tuple(self._not_scored()),
            not_scored_count=unjudged,
            about=about_lines(self.rows, words),
        )

    def _learner(self, row: Mapping[str, Any]) -> ListedLearner:
        reasons = [code for code in map(row.get, REASON_COLUMNS) if isinstance(code, str)]
        strength = row.get("strength_1_code")
        playbook = self.edition.playbooks[self.words.language]
        return ListedLearner(
            name=self._learner_name(str(row["learner_id"])),
            cohort=self._cohort_note(row),
            since=self._since(row),
            band=self._band(row),
            reasons=tuple(self._sentence(code, row) for code in reasons),
            strength=self._sentence(strength, row, strength=True) if isinstance(strength, str) else "",
            conversation=playbook.conversation(next(iter(reasons), None)),
        )

    def _sentence(self, code: str, row: Mapping[str, Any], *, strength: bool = False) -> str:
        try:
            return self.edition.sentence(code, self.words.language, row, strength=strength)
        except (KeyError, ValueError) as error:
            raise ReportError(
                f"the reason '{code}' cannot be said in '{self.words.language}': {error!r}",
                allowed="a feature of the model whose facts are columns of mart_risk_list",
                fix="models/support_need/sentences.py, or dbt/models/marts/mart_risk_list.sql",
            ) from error

    def _band(self, row: Mapping[str, Any]) -> Band:
        if row["basis"] != "model":
            return Band(sentence=self.words.say("band.plain_rule"), tenths=None)
        school = self.edition.school
        probability = float(row["support_need_probability"])
        tenths = min(max(int(probability * 10 + 0.5), 0), 10)
        key, days = f"band.{school.model.ranked_by}", school.outcome.horizon_days
        if tenths in (0, 10):
            extreme = f"{key}_nearly_all" if tenths else f"{key}_few"
            return Band(sentence=self.words.say(extreme, days=days), tenths=tenths)
        return Band(sentence=self.words.say(key, count=tenths, days=days), tenths=tenths)

    def _since(self, row: Mapping[str, Any]) -> str:
        weeks = row.get("weeks_on_list")
        if weeks is None or pd.isna(weeks):
            return ""
        return self.words.say("card.weeks_on_list", count=int(weeks)) if weeks > 1 else self.words.say("card.new")

    def _cohort_note(self, row: Mapping[str, Any]) -> str:
        week = row.get("week_of_training")
        parts = [str(row["cohort_id"])] if self.rows["cohort_id"].nunique() > 1 else []
        if week is not None and not pd.isna(week):
            parts.append(self.words.say("card.week", week=int(week)))
        return " · ".join(parts)

    def _others(self) -> tuple[str, ...]:
        scored = self.rows[self.rows["not_scored_reason"].isna()]
        others = scored.drop(self.listed_rows.index)
        if others.empty:
            return ()
        lines = [self.words.say("listed.others", count=len(others))]
        close = self._close_count(others)
        if close:
            lines.append(self.words.say("listed.close", count=close))
        return (*lines, self.words.say("listed.silence"))

    def _close_count(self, others: pd.DataFrame) -> int:
        both = pd.concat([self.listed_rows, others])
        if self.listed_rows.empty or (both["basis"] != "model").any():
            return 0
        cut = self.listed_rows["support_need_probability"].min()
        return int((others["support_need_probability"] >= cut - CLOSE_SHARE).sum())

    def _not_scored(self) -> Iterator[NotScored]:
        for reason, rows in self.not_scored_rows.groupby("not_scored_reason", sort=True):
            names = sorted(self._learner_name(str(learner)) for learner in rows["learner_id"])
            hidden = len(names) - MOST_NAMES_PER_REASON
            yield NotScored(
                reason=self.words.say(f"not_scored.{reason}"),
                names=tuple(names[:MOST_NAMES_PER_REASON]),
                more=self.words.say("not_scored.more", count=hidden) if hidden > 0 else "",
            )

    def _cohort_line(self, cohort_id: str) -> CohortLine:
        material = self.edition.material
        weeks = material.cohort_weeks
        known = cohort_id in material.cohorts.index
        title = material.cohorts.at[cohort_id, "training_title"] if known else None
        return cohort_line(weeks[weeks["cohort_id"] == cohort_id], cohort_id=cohort_id, title=title, words=self.words)

    def _learner_name(self, learner_id: str) -> str:
        person = _person(self.edition.material.learner_people, learner_id)
        name = shown_name(person.get("first_name"), person.get("last_name"))
        return name or self.words.say("card.pseudonym", short=short_pseudonym(learner_id))

    def _coach_name(self) -> str:
        person = _person(self.edition.material.coach_people, self.owner_id)
        return shown_name(person.get("first_name"), person.get("last_name"))


def _person(people: pd.DataFrame, person_id: str) -> dict[str, Any]:
    return people.loc[person_id].to_dict() if person_id in people.index else {}
