"""Where each enrolment stood on a Monday on the way from training to work, and what was asked that Monday."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from support_need.hazard import months_within

#: Facts that move the hazard of finding work, fixed before any data were seen.
FACTS = ("score_level", "absence_recent", "education_level")


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: the definition of the school, and the Monday.

    Attributes
    ----------
    as_of : datetime.date
        Only what was known before this Monday counts.
    definition_id : str
        Definition of "placed" in force.
    horizon_days, reporting_lag_days : int
        Work has to begin within so many days of leaving; so much later the rate is final.
    target_share : float
        What the school promises.
    min_mature_enrolments : int
        With fewer completers in settled cohorts there is no forecast.
    """

    as_of: dt.date
    definition_id: str
    horizon_days: int
    reporting_lag_days: int
    target_share: float
    min_mature_enrolments: int

    @property
    def months(self) -> int:
        """Months to the horizon."""
        return months_within(self.horizon_days)


def journeys(rows: pd.DataFrame, targets: pd.DataFrame, *, question: Question) -> pd.DataFrame:
    """Where each enrolment stands on the Monday, as known then.

    Returns
    -------
    pandas.DataFrame
        One row per enrolment_id: ``cohort_id``, ``campus``, ``half_year`` of start, the ``FACTS`` when last there,
        ``has_left``, ``is_completed``, ``days_since`` leaving and ``placed_day`` after leaving (NaN where not),
        ``heard_days`` between work and its news, and ``is_settled``: nothing in the cohort can change any more.
    """
    monday = pd.Timestamp(question.as_of)
    last = rows.sort_values("as_of_date").groupby("enrolment_id", observed=True).tail(1)
    known = targets[pd.to_datetime(targets["known_at"]) < monday].assign(
        enrolment_id=lambda frame: frame["enrolment_id"].astype(str)
    )
    left, placed = (
        known[known["target"] == name].set_index("enrolment_id") for name in ("completes", "placed")
    )
    placed = placed[placed["is_positive"].fillna(False).astype(bool)]
    people = last.assign(enrolment_id=last["enrolment_id"].astype(str)).set_index("enrolment_id")
    people = people[["cohort_id", "campus", "start_date", *FACTS]].astype({"cohort_id": str, "campus": str})
    left_date = pd.to_datetime(left["decided_date"]).reindex(people.index)
    placed_date = pd.to_datetime(placed["decided_date"]).reindex(people.index)
    placed_day = (placed_date - left_date).dt.days.clip(lower=0)
    half_year = people["start_date"].dt.year * 2 + (people["start_date"].dt.month > 6)
    people = people.assign(
        half_year=half_year,
        has_left=left_date.notna(),
        is_completed=left["is_positive"].reindex(people.index).fillna(False).astype(bool),
        days_since=(monday - left_date).dt.days,
        placed_day=placed_day.where(placed_day <= question.horizon_days),
        heard_days=(pd.to_datetime(placed["known_at"]).reindex(people.index) - placed_date).dt.days.clip(
            lower=0
        ),
    )
    final = people["days_since"] >= question.horizon_days + question.reporting_lag_days
    is_open = ~people["has_left"] | (people["is_completed"] & ~final)
    return people.assign(is_settled=~is_open.groupby(people["cohort_id"]).transform("any"))
