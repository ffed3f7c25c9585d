"""What the reports of one Monday are made from, as frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd


class Sentence(Protocol):
    """Says one reason or strength in words, from the dated facts of a learner's row."""

    def __call__(self, code: str, language: str, row: Mapping[str, Any], /, *, strength: bool = False) -> str:
        """One sentence."""


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
    actions : pandas.DataFrame
        Newest support action per enrolment, index ``enrolment_id``: ``action_date``, ``outcome_code``.
    learner_people, coach_people : pandas.DataFrame
        From the vault, index ``person_id``; null where nothing is known.
    forecasts : pandas.DataFrame
        ``mart_cohort_forecast`` of the Monday.
    unanswered : pandas.Series
        Names of last Monday's list without an answer, by owner of the list.
    past_lists : pandas.DataFrame
        One row: of the names on earlier lists, how many have a known outcome, and how many of those needed support.
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
    past_lists: pd.DataFrame
