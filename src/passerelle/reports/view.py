"""Frames in, frozen view models out: what one coach reads on one Monday, in words.

Every sentence that depends on a fact is made here, so that page, mail and plain text say the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from passerelle.answer_links import VERDICTS
from passerelle.errors import ReportError
from passerelle.reports.about import about_lines, listed_notice, stale_lines
from passerelle.reports.band import band
from passerelle.reports.cohort_view import CohortLine, cohort_line
from passerelle.reports.forecast_view import outlook
from passerelle.reports.material import Material, Sentence
from passerelle.reports.names import short_pseudonym, shown_name
from passerelle.reports.playbook import Playbook
from passerelle.reports.report import ListedLearner, NotScored, Reply, Report
from passerelle.reports.since import change_line, off_line, record_line
from passerelle.reports.sources import StaleSource
from passerelle.reports.words import Words
from passerelle.school import School

REASON_COLUMNS = ("reason_1_code", "reason_2_code", "reason_3_code")
#: More names than this for one reason are counted, not written out.
MOST_NAMES_PER_REASON = 40


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
        Systems whose data is incomplete this week.
    answer_address : callable or None
        Where a coach answers about an enrolment with a verdict proposed; None where the school has no desk.
    """

    material: Material
    school: School
    as_of: dt.date
    playbooks: Mapping[str, Playbook]
    sentence: Sentence
    stale_sources: tuple[StaleSource, ...] = ()
    answer_address: Callable[[str, str, str], str] | None = None

    def reports(self) -> Iterator[Report]:
        """One report per owner of a list, ordered by owner.

        Raises
        ------
        ReportError
            A language without catalogue, a code without sentence, or more names than the coaches' capacity.
        """
        for owner_id, rows in self.material.risk_list.groupby("list_owner_id", sort=True):
            yield _OneOwner(edition=self, owner_id=str(owner_id), rows=rows).report()

    def language_of(self, owner_id: str) -> str:
        """The coach's own language, else the school's default.

        Raises
        ------
        ReportError
            The school has no playbook in it.
        """
        coaches = self.material.coaches
        own = coaches.at[owner_id, "language"] if owner_id in coaches.index else None
        language = own if isinstance(own, str) else self.school.coaching.default_language
        if language not in self.playbooks:
            raise ReportError(
                f"the list of {owner_id} is to be read in '{language}', which is no language of the school",
                allowed=", ".join(self.playbooks),
                fix="languages in school.toml with a playbook each, or the coach's language in the student system",
            )
        return language

    def weeks_of(self, cohort_id: str) -> pd.DataFrame:
        """Rows of ``mart_cohort_week`` of one cohort; none before its first Monday."""
        return self._weeks.get(cohort_id, self.material.cohort_weeks.iloc[:0])

    @cached_property
    def learner_names(self) -> dict[str, str]:
        """Name by pseudonym, fit to be shown; empty where nothing readable is known."""
        return _names(self.material.learner_people)

    @cached_property
    def coach_names(self) -> dict[str, str]:
        """The same of the coaches."""
        return _names(self.material.coach_people)

    @cached_property
    def _weeks(self) -> dict[str, pd.DataFrame]:
        return {str(cohort): weeks for cohort, weeks in self.material.cohort_weeks.groupby("cohort_id")}


@dataclass(frozen=True, kw_only=True)
class _OneOwner:
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
        return listed.sort_values(["list_place", "enrolment_id"])

    @cached_property
    def off_rows(self) -> pd.DataFrame:
        return self.rows[self.rows["list_change"] == "off"].sort_values("enrolment_id")

    @cached_property
    def also_rows(self) -> pd.DataFrame:
        return self.rows[self.rows["is_also_check_in"].fillna(False).astype(bool)]

    @cached_property
    def not_scored_rows(self) -> pd.DataFrame:
        return self.rows[self.rows["not_scored_reason"].notna()]

    @cached_property
    def scored_rows(self) -> pd.DataFrame:
        return self.rows[self.rows["not_scored_reason"].isna()]

    def report(self) -> Report:
        """The owner's report."""
        words, edition = self.words, self.edition
        is_coach = self.owner_id in edition.material.coaches.index
        cohorts = tuple(self._cohort_line(str(cohort)) for cohort in sorted(self.rows["cohort_id"].unique()))
        unjudged = len(self.not_scored_rows)
        return Report(
            owner_id=self.owner_id,
            owner_name=edition.coach_names.get(self.owner_id, ""),
            language=words.language,
            as_of=edition.as_of,
            school=edition.school.name,
            title=words.say("report.title")
            if is_coach
            else words.say("report.title_cohort", cohort=shown_name(self.owner_id)),
            week=words.say("report.week", date=words.date(edition.as_of)),
            data_date=words.say("report.data_date", date=words.date(edition.as_of, form="full")),
            subject=words.say("mail.subject", date=words.date(edition.as_of)),
            stale=stale_lines(edition.stale_sources, edition.school, words),
            notice=listed_notice(
                self.listed_rows, scored=self.scored_rows, school=edition.school, words=words
            ),
            listed=tuple(self._learner(row) for row in _records(self.listed_rows)),
            others=self._others(),
            off=tuple(
                off_line(
                    self._name_in(row), self._contacted(str(row["enrolment_id"])), words, as_of=edition.as_of
                )
                for row in _records(self.off_rows)
            ),
            reminder=self._reminder(),
            also=tuple(map(self._name_in, _records(self.also_rows))),
            record=record_line(
                edition.material.past_lists,
                words,
                target=edition.school.model.ranked_by,
                days=edition.school.outcome.horizon_days,
            ),
            cohorts_heading=words.say("cohort.heading", count=len(cohorts))
            if is_coach
            else words.say("cohort.heading_own"),
            cohorts=cohorts,
            not_scored_heading=words.say("not_scored.heading", count=unjudged),
            not_scored=tuple(self._not_scored()),
            not_scored_count=unjudged,
            about=about_lines(self.scored_rows, words),
            named=self._named(),
        )

    def _named(self) -> tuple[str, ...]:
        named = pd.concat([self.listed_rows, self.also_rows, self.off_rows, self.not_scored_rows])
        return tuple(sorted(set(named["enrolment_id"])))

    def _learner(self, row: Mapping[str, Any]) -> ListedLearner:
        reasons = [code for code in map(row.get, REASON_COLUMNS) if isinstance(code, str)]
        playbook = self.edition.playbooks[self.words.language]
        return ListedLearner(
            name=self._name_in(row),
            cohort=self._cohort_note(row),
            band=band(row, school=self.edition.school, words=self.words),
            reasons=tuple(self._sentence(code, row) for code in reasons),
            strength=self._strength(row),
            conversation=playbook.conversation(next(iter(reasons), None)),
            change=change_line(row, self.words),
            last_action=self._last_action(str(row["enrolment_id"])),
            replies=tuple(self._replies(row)),
        )

    def _replies(self, row: Mapping[str, Any]) -> Iterator[Reply]:
        address, name = self.edition.answer_address, self._learner_name(str(row["learner_id"]))
        if address is None or self.owner_id not in self.edition.material.coaches.index:
            return
        for verdict in VERDICTS:
            label = self.words.say(f"reply.{verdict}")
            yield Reply(
                label=label,
                spoken=self.words.say("reply.spoken", answer=label, name=name),
                address=address(self.owner_id, str(row["enrolment_id"]), verdict),
            )

    def _reminder(self) -> str:
        count = int(self.edition.material.unanswered.get(self.owner_id, 0))
        can_answer = self.edition.answer_address and self.owner_id in self.edition.material.coaches.index
        return self.words.say("reply.missing", count=count) if count and can_answer else ""

    def _last_action(self, enrolment_id: str) -> str:
        day = self._contacted(enrolment_id)
        if day is None:
            return ""
        outcome: Any = self.edition.material.actions.at[enrolment_id, "outcome_code"]
        said = self.words.say(f"last_action.{outcome}")
        return self.words.say("last_action.line", date=self.words.date(day), outcome=said)

    def _contacted(self, enrolment_id: str) -> dt.date | None:
        actions = self.edition.material.actions
        if enrolment_id not in actions.index:
            return None
        return pd.Timestamp(str(actions.at[enrolment_id, "action_date"])).date()

    def _strength(self, row: Mapping[str, Any]) -> str:
        code = row["strength_1_code"]
        if not isinstance(code, str):
            return ""
        fact = self._sentence(code, row, strength=True)
        return self.words.say("report.pair", label=self.words.say("card.strength"), value=fact)

    def _sentence(self, code: str, row: Mapping[str, Any], *, strength: bool = False) -> str:
        try:
            return self.edition.sentence(code, self.words.language, row, strength=strength)
        except (KeyError, ValueError) as error:
            raise ReportError(
                f"the reason '{code}' cannot be said in '{self.words.language}': {error!r}",
                allowed="a feature of the model whose facts are columns of mart_risk_list",
                fix="models/support_need/sentences.py, or dbt/models/marts/mart_risk_list.sql",
            ) from error

    def _cohort_note(self, row: Mapping[str, Any]) -> str:
        week = row.get("week_of_training")
        parts = [shown_name(row["cohort_id"])] if self.rows["cohort_id"].nunique() > 1 else []
        if week is not None and not pd.isna(week):
            parts.append(self.words.say("card.week", week=int(week)))
        return " · ".join(parts)

    def _others(self) -> tuple[str, ...]:
        others = self.scored_rows[~self.scored_rows.index.isin(self.listed_rows.index)]
        if others.empty:
            return ()
        close = int(others["is_near_cut"].fillna(False).astype(bool).sum())
        return (
            self.words.say("listed.others", count=len(others)),
            *([self.words.say("listed.close", count=close)] if close else []),
            self.words.say("listed.silence"),
        )

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
        known = cohort_id in material.cohorts.index
        title = str(material.cohorts.at[cohort_id, "training_title"]) if known else ""
        return cohort_line(
            self.edition.weeks_of(cohort_id),
            cohort_id=cohort_id,
            title=title,
            words=self.words,
            outlook=outlook(
                material.forecasts,
                kind="cohort",
                scope_id=cohort_id,
                aim=self.edition.school.target_rate,
                days=self.edition.school.outcome.horizon_days,
                words=self.words,
            ),
        )

    def _name_in(self, row: Mapping[str, Any]) -> str:
        return self._learner_name(str(row["learner_id"]))

    def _learner_name(self, learner_id: str) -> str:
        name = self.edition.learner_names.get(learner_id, "")
        return name or self.words.say("card.pseudonym", short=short_pseudonym(learner_id))


def _names(people: pd.DataFrame) -> dict[str, str]:
    parts = people.reindex(columns=["first_name", "last_name"]).itertuples(name=None)
    return {str(person_id): shown_name(first, last) for person_id, first, last in parts}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(column): value for column, value in row.items()} for row in frame.to_dict("records")]
