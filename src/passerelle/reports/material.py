"""What the reports of one Monday are made from, as frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol, cast

import pandas as pd

Row = Mapping[str, Any]
#: So many learners at once are plain records; the others stay in their frame, where they take an eighth of the room.
ROWS_AT_ONCE = 2_000


class Sentence(Protocol):
    """Says one reason or strength in words, from the dated facts of a learner's row."""

    def __call__(self, code: str, language: str, row: Row, /, *, strength: bool = False) -> str:
        """One sentence."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """What the reports of one Monday are made from.

    Attributes
    ----------
    risk_list : pandas.DataFrame
        ``mart_risk_list``: one row per active enrolment; ``is_just_outside`` of those near the cut who may be named
        beside the list.
    coaches : pandas.DataFrame
        One row per coach, index ``coach_id``: ``language``.
    cohorts : pandas.DataFrame
        One row per cohort, index ``cohort_id``: ``training_title``.
    cohort_weeks : pandas.DataFrame
        ``mart_cohort_week`` up to the Monday.
    actions : pandas.DataFrame
        Newest support action per enrolment, index ``enrolment_id``: ``action_date``, ``outcome_code``.
    learner_people, coach_people : pandas.DataFrame
        From the vault, index ``person_id``: ``first_name``, ``last_name`` and of coaches ``email``; null where nothing
        is known.
    forecasts : pandas.DataFrame
        ``mart_cohort_forecast`` of the Monday.
    unanswered : pandas.Series
        Names of last Monday's list without an answer, by owner of the list.
    learner_weeks : pandas.DataFrame
        Last weeks of each listed learner, index ``enrolment_id``: ``week_first_days`` (ISO dates) and counts, as lists;
        a count that is not known is below zero.
    past_lists : pandas.DataFrame
        One row: of the names on earlier lists, how many have a known outcome, and how many of those needed support.
    stale : pandas.DataFrame
        ``mart_source_freshness`` where it is stale: ``entity``, ``systems``, ``campus``, ``last_known_at``.
    checks : pandas.DataFrame
        What the watch over the model found a week before: ``check``, ``subject``, ``is_alarm``.
    """

    risk_list: pd.DataFrame
    coaches: pd.DataFrame
    cohorts: pd.DataFrame
    cohort_weeks: pd.DataFrame
    actions: pd.DataFrame
    learner_people: pd.DataFrame
    coach_people: pd.DataFrame
    forecasts: pd.DataFrame
    unanswered: pd.Series
    learner_weeks: pd.DataFrame
    past_lists: pd.DataFrame
    stale: pd.DataFrame
    checks: pd.DataFrame

    def owners(self) -> Iterator[tuple[str, list[Row]]]:
        """Each owner of a list with the learners on it, by owner and enrolment.

        Yields
        ------
        tuple of str and list of mapping
            The owner, and one record per learner: the row of ``risk_list``, the name (``first_name``, ``last_name``),
            the last action (``action_date``, ``outcome_code``) and the row of ``learner_weeks``.
        """
        for owner_id, rows in groupby(self._records(), key=itemgetter("list_owner_id")):
            yield owner_id, list(rows)

    def _records(self) -> Iterator[Row]:
        keys = self.risk_list[["list_owner_id", "enrolment_id"]].reset_index(drop=True)
        order = keys.sort_values(["list_owner_id", "enrolment_id"]).index
        for start in range(0, len(order), ROWS_AT_ONCE):
            rows = self.risk_list.iloc[order[start : start + ROWS_AT_ONCE]]
            names = self.learner_people.reindex(rows["learner_id"], columns=["first_name", "last_name"])
            actions = self.actions.reindex(rows["enrolment_id"], columns=["action_date", "outcome_code"])
            weeks = self.learner_weeks.reindex(rows["enrolment_id"])
            known = [rows, *(part.set_axis(rows.index) for part in (names, actions, weeks))]
            yield from records(pd.concat(known, axis="columns"))


def records(frame: pd.DataFrame) -> list[Row]:
    """Rows as plain mappings: a frame is slow to ask one value at a time."""
    return cast("list[Row]", frame.to_dict("records"))
