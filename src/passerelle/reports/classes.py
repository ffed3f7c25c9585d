"""What is known of classes on one Monday: their weeks and their forecasts, and of no person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from passerelle.reports.cohort_view import CohortLine, cohort_line, weeks_by_cohort
from passerelle.reports.forecast_view import Forecasts, Outlook, by_scope, chance, heads_missing, outlook
from passerelle.reports.material import Row, records
from passerelle.reports.words import Words
from passerelle.school import School

COHORTS = """
select
    dim_cohort.cohort_id,
    coalesce(dim_training.title, '') as training_title,
from dim_cohort
left join dim_training on dim_cohort.training_id = dim_training.training_id
order by dim_cohort.cohort_id
"""
COHORT_WEEKS = """
select * from mart_cohort_week
where cohort_id in (select cohort_id from mart_risk_list)
order by cohort_id, as_of_date
"""
FORECASTS = "select * from mart_cohort_forecast where as_of_date = date '{as_of}'"
STALE = """
select entity, systems, campus, last_known_at from mart_source_freshness where is_stale
order by systems, campus, entity
"""


@dataclass(frozen=True, kw_only=True)
class Classes:
    """The frames of classes, as in `Material`; none of them knows a person.

    Attributes
    ----------
    cohorts, cohort_weeks, forecasts, stale, checks : pandas.DataFrame
    school : School
        Its aim, and the days within which work counts.
    """

    cohorts: pd.DataFrame
    cohort_weeks: pd.DataFrame
    forecasts: pd.DataFrame
    stale: pd.DataFrame
    checks: pd.DataFrame
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

    def chance(self, kind: str, scope_id: str, words: Words) -> str:
        """How likely the aim is, and how much the listed learners matter to it."""
        return chance(self._forecasts.get((kind, scope_id)), words=words)

    def stale_at(self, campuses: Iterable[str]) -> list[Row]:
        """Kinds of fact that have stopped coming from these campuses."""
        return [row for campus in dict.fromkeys(campuses) for row in self._stale.get(campus, [])]

    def missing_at(self, campus: str) -> set[str]:
        """The same of one campus, by name: nothing there is judged by them."""
        return {row["entity"] for row in self._stale.get(campus, [])}

    @cached_property
    def _stale(self) -> dict[str, list[Row]]:
        return {str(campus): records(rows) for campus, rows in self.stale.groupby("campus")}

    @cached_property
    def _titles(self) -> dict[str, str]:
        return {str(cohort): str(title) for cohort, title in self.cohorts["training_title"].items()}

    @cached_property
    def _weeks(self) -> dict[str, list[Row]]:
        return weeks_by_cohort(self.cohort_weeks)

    @cached_property
    def _forecasts(self) -> Forecasts:
        return by_scope(self.forecasts)
