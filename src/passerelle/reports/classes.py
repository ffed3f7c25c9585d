"""What is known of classes on one Monday: their weeks and their forecasts, and of no person."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from passerelle.reports.cohort_view import CohortLine, cohort_line, weeks_by_cohort
from passerelle.reports.forecast_view import Forecasts, Outlook, by_scope, heads_missing, outlook
from passerelle.reports.material import Row
from passerelle.reports.words import Words
from passerelle.school import School


@dataclass(frozen=True, kw_only=True)
class Classes:
    """The frames of classes, as in `Material`; none of them knows a person.

    Attributes
    ----------
    cohorts, cohort_weeks, forecasts : pandas.DataFrame
    school : School
        Its aim, and the days within which work counts.
    """

    cohorts: pd.DataFrame
    cohort_weeks: pd.DataFrame
    forecasts: pd.DataFrame
    school: School

    def line(self, cohort_id: str, words: Words) -> CohortLine:
        """One class in one line."""
        return cohort_line(
            self._weeks.get(cohort_id, []),
            cohort_id=cohort_id,
            title=self._titles.get(cohort_id, ""),
            words=words,
            outlook=self.outlook("cohort", cohort_id, words),
        )

    def outlook(self, kind: str, scope_id: str, words: Words) -> Outlook | None:
        """Where the placement rate of a cohort, a campus or the school may end."""
        return outlook(
            self._forecasts.get((kind, scope_id)),
            aim=self.school.target_rate,
            days=self.school.outcome.horizon_days,
            words=words,
        )

    def heads_missing(self, kind: str, scope_id: str, words: Words) -> str:
        """How many more would have to find work for the aim to be reached."""
        return heads_missing(
            self._forecasts.get((kind, scope_id)),
            aim=self.school.target_rate,
            days=self.school.outcome.horizon_days,
            words=words,
        )

    @cached_property
    def _titles(self) -> dict[str, str]:
        return {str(cohort): str(title) for cohort, title in self.cohorts["training_title"].items()}

    @cached_property
    def _weeks(self) -> dict[str, list[Row]]:
        return weeks_by_cohort(self.cohort_weeks)

    @cached_property
    def _forecasts(self) -> Forecasts:
        return by_scope(self.forecasts)
