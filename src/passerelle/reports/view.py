"""Frames in, frozen view models out: what one coach reads on one Monday, in words.

Every sentence that depends on a fact is made here, so that page, mail and plain text say the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any

import pandas as pd

from passerelle.answer_links import VERDICTS
from passerelle.errors import ReportError
from passerelle.reports.about import about_lines, listed_notice, stale_lines
from passerelle.reports.band import band
from passerelle.reports.classes import Classes
from passerelle.reports.learner_weeks import learner_weeks
from passerelle.reports.material import Material, Row, Sentence, records
from passerelle.reports.names import short_pseudonym, shown_name
from passerelle.reports.playbook import Playbook
from passerelle.reports.report import ListedLearner, Named, Reply, Report
from passerelle.reports.since import change_line, off_line, record_line
from passerelle.reports.words import Words
from passerelle.school import School

REASON_COLUMNS = ("reason_1_code", "reason_2_code", "reason_3_code")
#: More names than this for one reason are counted, not written out.
MOST_NAMES_PER_REASON = 40
#: Nor more than these who are just outside the list, the next in its order first: the list itself is short.
MOST_NAMES_OUTSIDE = 5


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
    answer_address : callable or None
        Where a coach answers about an enrolment with a verdict proposed; None where the school has no desk.
    page_address : callable or None
        Where a coach opens the page of the report; None where the school has no desk.
    """

    material: Material
    school: School
    as_of: dt.date
    playbooks: Mapping[str, Playbook]
    sentence: Sentence
    answer_address: Callable[[str, str, str], str] | None = None
    page_address: Callable[[str], str] | None = None

    def reports(self) -> Iterator[Report]:
        """One report per owner of a list, ordered by owner.

        Raises
        ------
        ReportError
            A language without catalogue, a code without sentence, or more names than the coaches' capacity.
        """
        for owner_id, rows in self.material.owners():
            yield _OneOwner(edition=self, owner_id=owner_id, rows=rows).report()

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

    @cached_property
    def coach_names(self) -> dict[str, str]:
        """Name by pseudonym, fit to be shown; empty where nothing readable is known."""
        people = self.material.coach_people.reindex(columns=["first_name", "last_name"])
        return {str(coach): shown_name(first, last) for coach, first, last in people.itertuples(name=None)}

    @cached_property
    def classes(self) -> Classes:
        """What is known of classes."""
        frames = {
            name: getattr(self.material, name)
            for name in ("cohorts", "cohort_weeks", "forecasts", "stale", "checks")
        }
        return Classes(**frames, school=self.school)

    @cached_property
    def past_lists(self) -> Row:
        """How many names on earlier lists have a known outcome, and how many of those needed support."""
        (row,) = records(self.material.past_lists)
        return row


@dataclass(frozen=True, kw_only=True)
class _OneOwner:
    """One owner's rows of the risk list, on the way to a report."""

    edition: Edition
    owner_id: str
    rows: list[Row]

    @cached_property
    def words(self) -> Words:
        return Words(self.edition.language_of(self.owner_id))

    @cached_property
    def is_coach(self) -> bool:
        """Whether a coach owns the list, and not a class without one."""
        return self.owner_id in self.edition.material.coaches.index

    @cached_property
    def listed_rows(self) -> list[Row]:
        listed = [row for row in self.rows if row["is_listed"] is True]
        capacity = self.edition.school.coaching.capacity
        if len(listed) > capacity:
            raise ReportError(
                f"mart_risk_list lists {len(listed)} learners for {self.owner_id}",
                allowed=f"at most {capacity}, the coaches' capacity",
                fix="dbt/models/marts/mart_risk_list.sql, or [coaching] capacity in school.toml",
            )
        return sorted(listed, key=itemgetter("list_place"))

    @cached_property
    def off_rows(self) -> list[Row]:
        return [row for row in self.rows if row["list_change"] == "off"]

    @cached_property
    def also_rows(self) -> list[Row]:
        return [row for row in self.rows if row["is_also_check_in"] is True]

    @cached_property
    def near_rows(self) -> list[Row]:
        """Near the cut and not listed, in the order of the list."""
        near = [
            row for row in self.scored_rows if row["is_near_cut"] is True and row["is_listed"] is not True
        ]
        return sorted(near, key=itemgetter("list_place"))

    @cached_property
    def outside_rows(self) -> list[Row]:
        return [row for row in self.near_rows if row["is_just_outside"] is True][:MOST_NAMES_OUTSIDE]

    @cached_property
    def not_scored_rows(self) -> list[Row]:
        return [row for row in self.rows if isinstance(row["not_scored_reason"], str)]

    @cached_property
    def scored_rows(self) -> list[Row]:
        return [row for row in self.rows if not isinstance(row["not_scored_reason"], str)]

    @cached_property
    def cohort_ids(self) -> list[str]:
        return sorted({row["cohort_id"] for row in self.rows})

    @cached_property
    def campuses(self) -> list[str]:
        """Where the owner's learners are, as `mart_source_freshness` names it."""
        return sorted({row["campus"] if isinstance(row["campus"], str) else "unknown" for row in self.rows})

    def report(self) -> Report:
        """The owner's report."""
        words, edition = self.words, self.edition
        cohorts = tuple(edition.classes.line(cohort_id, words) for cohort_id in self.cohort_ids)
        unjudged = len(self.not_scored_rows)
        return Report(
            owner_id=self.owner_id,
            owner_name=edition.coach_names.get(self.owner_id, ""),
            language=words.language,
            as_of=edition.as_of,
            school=edition.school.name,
            title=self._title(),
            week=words.say("report.week", date=words.date(edition.as_of)),
            data_date=words.say("report.data_date", date=words.date(edition.as_of, form="full")),
            subject=words.say("mail.subject", date=words.date(edition.as_of)),
            stale=stale_lines(edition.classes.stale_at(self.campuses), words),
            notice=listed_notice(
                self.listed_rows, scored=self.scored_rows, school=edition.school, words=words
            ),
            listed=tuple(map(self._learner, self.listed_rows)),
            others=self._others(),
            just_outside=self._just_outside(),
            off=tuple(map(self._off, self.off_rows)),
            reminder=self._reminder(),
            page_address=self._page_address(),
            also=tuple(map(self._name_in, self.also_rows)),
            record=record_line(
                edition.past_lists,
                words,
                target=edition.school.model.ranked_by,
                days=edition.school.outcome.horizon_days,
            ),
            cohorts_heading=self._cohorts_heading(),
            cohorts=cohorts,
            not_scored_heading=words.say("not_scored.heading", count=unjudged),
            not_scored=tuple(self._not_scored()),
            not_scored_count=unjudged,
            about=about_lines(self.scored_rows, words),
            named=self._named(),
        )

    def _title(self) -> str:
        if self.is_coach:
            return self.words.say("report.title")
        return self.words.say("report.title_cohort", cohort=shown_name(self.owner_id))

    def _cohorts_heading(self) -> str:
        if self.is_coach:
            return self.words.say("cohort.heading", count=len(self.cohort_ids))
        return self.words.say("cohort.heading_own")

    def _off(self, row: Row) -> str:
        return off_line(self._name_in(row), _contacted(row), self.words, as_of=self.edition.as_of)

    def _page_address(self) -> str:
        address = self.edition.page_address
        return address(self.owner_id) if address and self.is_coach else ""

    def _named(self) -> tuple[str, ...]:
        beside = (*self.outside_rows, *self.also_rows, *self.off_rows, *self.not_scored_rows)
        return tuple(sorted({row["enrolment_id"] for row in (*self.listed_rows, *beside)}))

    def _learner(self, row: Row) -> ListedLearner:
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
            last_action=self._last_action(row),
            weeks=learner_weeks(row, self.words),
            replies=tuple(self._replies(row)),
        )

    def _replies(self, row: Row) -> Iterator[Reply]:
        address, name = self.edition.answer_address, self._name_in(row)
        if address is None or not self.is_coach:
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
        can_answer = self.edition.answer_address and self.is_coach
        return self.words.say("reply.missing", count=count) if count and can_answer else ""

    def _last_action(self, row: Row) -> str:
        day = _contacted(row)
        if day is None:
            return ""
        said = self.words.say(f"last_action.{row['outcome_code']}")
        return self.words.say("last_action.line", date=self.words.date(day), outcome=said)

    def _strength(self, row: Row) -> str:
        code = row["strength_1_code"]
        if not isinstance(code, str):
            return ""
        fact = self._sentence(code, row, strength=True)
        return self.words.say("report.pair", label=self.words.say("card.strength"), value=fact)

    def _sentence(self, code: str, row: Row, *, strength: bool = False) -> str:
        try:
            return self.edition.sentence(code, self.words.language, row, strength=strength)
        except (KeyError, ValueError) as error:
            raise ReportError(
                f"the reason '{code}' cannot be said in '{self.words.language}': {error!r}",
                allowed="a feature of the model whose facts are columns of mart_risk_list",
                fix="models/support_need/sentences.py, or dbt/models/marts/mart_risk_list.sql",
            ) from error

    def _cohort_note(self, row: Row) -> str:
        week: Any = row.get("week_of_training")
        parts = [shown_name(row["cohort_id"])] if len(self.cohort_ids) > 1 else []
        if pd.notna(week):
            parts.append(self.words.say("card.week", week=int(week)))
        return " · ".join(parts)

    def _others(self) -> tuple[str, ...]:
        others = [row for row in self.scored_rows if row["is_listed"] is not True]
        if not others:
            return ()
        near = 0 if self.outside_rows else len(self.near_rows)
        return (
            self.words.say("listed.others", count=len(others)),
            *([self.words.say("listed.close", count=near)] if near else []),
            self.words.say("listed.silence"),
        )

    def _just_outside(self) -> Named | None:
        if not self.outside_rows:
            return None
        label, hidden = self.words.say("listed.close_named"), len(self.near_rows) - len(self.outside_rows)
        return self._named_as(label, self.outside_rows, hidden=hidden)

    def _not_scored(self) -> Iterator[Named]:
        by_reason = itemgetter("not_scored_reason")
        for reason, rows in groupby(sorted(self.not_scored_rows, key=by_reason), key=by_reason):
            by_name = sorted(rows, key=self._name_in)
            shown, hidden = by_name[:MOST_NAMES_PER_REASON], by_name[MOST_NAMES_PER_REASON:]
            yield self._named_as(self.words.say(f"not_scored.{reason}"), shown, hidden=len(hidden))

    def _named_as(self, label: str, rows: list[Row], *, hidden: int) -> Named:
        more = self.words.say("named.more", count=hidden) if hidden else ""
        return Named(label=label, names=tuple(sorted(map(self._name_in, rows))), more=more)

    def _name_in(self, row: Row) -> str:
        name = shown_name(row["first_name"], row["last_name"])
        return name or self.words.say("card.pseudonym", short=short_pseudonym(str(row["learner_id"])))


def _contacted(row: Row) -> dt.date | None:
    day = row["action_date"]
    return pd.Timestamp(str(day)).date() if pd.notna(day) else None
