"""What one coach reads on one Monday, in words: the frozen view models that templates only lay out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from passerelle.reports.cohort_view import CohortLine
from passerelle.reports.learner_weeks import LearnerWeeks
from passerelle.reports.playbook import Conversation


@dataclass(frozen=True, kw_only=True)
class Band:
    """How often learners with such a pattern needed support: a sentence, and dots of ten: filled, and half so."""

    sentence: str
    tenths: int | None
    most_tenths: int = 0


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer that a link proposes: what is read, what is read aloud, and where it opens."""

    label: str
    spoken: str
    address: str


@dataclass(frozen=True, kw_only=True)
class ListedLearner:
    """One learner on the list, as the coach reads it."""

    name: str
    cohort: str
    band: Band
    reasons: tuple[str, ...]
    strength: str
    conversation: Conversation
    change: str
    last_action: str
    weeks: LearnerWeeks | None
    replies: tuple[Reply, ...]


@dataclass(frozen=True, kw_only=True)
class Named:
    """Learners who are named beside the list, and why: it says nothing of them, or it just left them out."""

    label: str
    names: tuple[str, ...]
    more: str


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What each reader of a Monday gets, whatever the rest is about."""

    owner_id: str
    owner_name: str
    language: str
    as_of: dt.date
    school: str
    title: str
    week: str
    data_date: str
    subject: str
    stale: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Report(Letter):
    """What one owner of a list reads on one Monday."""

    notice: tuple[str, ...]
    listed: tuple[ListedLearner, ...]
    others: tuple[str, ...]
    #: Those near the cut who are not listed; none where nobody is, or where only a lot left them out.
    just_outside: Named | None
    off: tuple[str, ...]
    reminder: str
    also: tuple[str, ...]
    #: Where the coach's own page opens; empty where the school has no desk.
    page_address: str
    record: str
    cohorts_heading: str
    cohorts: tuple[CohortLine, ...]
    not_scored_heading: str
    not_scored: tuple[Named, ...]
    not_scored_count: int
    about: tuple[str, ...]
    #: Everybody whom it names, by enrolment: sent only while each of them is still the owner's.
    named: tuple[str, ...]
