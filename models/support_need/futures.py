"""Draws of how training and the search for work may end, class by class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from support_need.hazard import MONTH_DAYS, SharedFit, fit_shared, person_months
from support_need.journeys import FACTS, Question
from support_need.pipeline import FittedTarget
from support_need.spec import HEARD_SHARE, PRIOR_SCALE

FUTURES = 1000
#: Past cohorts show their shocks to completion on this week of training.
SHOCK_WEEK = 4
#: Standard deviation of the normal prior on the logit of a month: next to none.
_MONTH_SCALE = 3.0


@dataclass(frozen=True)
class Futures:
    """Draws of everything that is shared by more than one learner."""

    hazard: tuple[np.ndarray, np.ndarray]
    shock: tuple[np.ndarray, np.ndarray]
    cohorts: pd.Index
    half_years: pd.Index
    facts: pd.DataFrame
    heard_days: np.ndarray
    months: int
    random: np.random.Generator

    @classmethod
    def of(
        cls, people: pd.DataFrame, rows: pd.DataFrame, *, completes: FittedTarget, question: Question
    ) -> Futures:
        """Fit what is shared on all that was known that Monday, and draw it; the Monday is the seed."""
        random = np.random.default_rng(question.as_of.toordinal())
        cohorts, half_years = (pd.Index(np.unique(people[name])) for name in ("cohort_id", "half_year"))
        facts = ((people[list(FACTS)] - people[list(FACTS)].mean()) / people[list(FACTS)].std()).fillna(0.0)
        heard = np.sort(people.loc[people["is_settled"], "heard_days"].dropna().to_numpy())
        hazard = fit_hazard(people, facts, heard, cohorts, half_years, question=question)
        shock = fit_shock(people, rows, completes, cohorts, half_years)
        return cls(
            hazard.draw(random, FUTURES),
            shock.draw(random, FUTURES),
            cohorts,
            half_years,
            facts,
            heard,
            question.months,
            random,
        )

    def of_cohorts(
        self, running: pd.DataFrame, leaving: pd.Series, listed: pd.Series
    ) -> Iterator[tuple[str, np.ndarray]]:
        """Per cohort: futures by completers, placed, and both again if every listed learner were placed."""
        for cohort, class_ in running.groupby("cohort_id"):
            finds = self._chance_of_work(class_)
            stays = self._completes(class_, leaving[class_.index])
            works = stays & (self.random.random(finds.shape) < finds)
            helped = listed[class_.index].to_numpy() & ~class_["has_left"].to_numpy()
            yield (
                str(cohort),
                np.stack([each.sum(axis=1) for each in (stays, works, stays | helped, works | helped)]),
            )

    def _completes(self, class_: pd.DataFrame, leaving: pd.Series) -> np.ndarray:
        weights, effects = self.shock
        shift = weights[:, 0] + self._shared(class_, weights[:, 1:]) + effects[:, self._place(class_)]
        chance = expit(logit(np.clip(leaving.to_numpy(), 1e-6, 1 - 1e-6)) + shift[:, None])
        leaves = np.where(
            class_["has_left"], ~class_["is_completed"].to_numpy(), self.random.random(chance.shape) < chance
        )
        return ~leaves.astype(bool)

    def _chance_of_work(self, class_: pd.DataFrame) -> np.ndarray:
        """Futures by learners: probability of work within the horizon, given that none was heard of yet."""
        weights, effects = self.hazard
        months, facts = self.months, len(FACTS)
        level = self._shared(class_, weights[:, months + facts :]) + effects[:, self._place(class_)]
        own = weights[:, months : months + facts] @ self.facts.loc[class_.index].to_numpy().T + level[:, None]
        without, silent = np.ones_like(own), np.zeros_like(own)
        since = class_["days_since"].to_numpy()
        for month in range(months):
            risk = expit(weights[:, [month]] + own)
            silent += without * risk * self._unheard(since - MONTH_DAYS * (month + 0.5))
            without *= 1 - risk
        return np.where(class_["placed_day"].notna(), 1.0, silent / (silent + without))

    def _unheard(self, days: np.ndarray) -> np.ndarray:
        """Share of work that nobody has heard of, so many days after it began."""
        heard = np.searchsorted(self.heard_days, days, side="right") / max(1, len(self.heard_days))
        return np.where(np.isnan(days) | (days < 0), 1.0, 1 - heard)

    def _place(self, class_: pd.DataFrame) -> int:
        return self.cohorts.tolist().index(class_["cohort_id"].iloc[0])

    def _shared(self, class_: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
        place = self.half_years.tolist().index(class_["half_year"].iloc[0])
        return np.asarray(weights[:, place])


def fit_hazard(
    people: pd.DataFrame,
    facts: pd.DataFrame,
    heard_days: np.ndarray,
    cohorts: pd.Index,
    half_years: pd.Index,
    *,
    question: Question,
) -> SharedFit:
    """Fit the hazard of work on the person-months of all completers, censored where news may still come."""
    completers = people[people["is_completed"]]
    lag = int(np.quantile(heard_days, HEARD_SHARE)) if len(heard_days) else 0
    leaver, month, event = person_months(
        np.clip(completers["days_since"].to_numpy() - lag, 0, question.horizon_days),
        completers["placed_day"].to_numpy(),
        horizon_days=question.horizon_days,
    )
    at = completers.iloc[leaver]
    design = np.column_stack(
        [
            month[:, None] == np.arange(question.months),
            facts.loc[at.index].to_numpy(),
            at["half_year"].to_numpy()[:, None] == half_years.to_numpy(),
        ]
    ).astype(float)
    precision = np.repeat(
        [_MONTH_SCALE**-2, PRIOR_SCALE**-2, 1.0], [question.months, len(FACTS), len(half_years)]
    )
    return fit_shared(
        design,
        event,
        cohorts.get_indexer(pd.Index(at["cohort_id"])),
        cohorts=len(cohorts),
        precision=precision,
        shared=slice(question.months + len(FACTS), None),
    )


def fit_shock(
    people: pd.DataFrame,
    rows: pd.DataFrame,
    completes: FittedTarget,
    cohorts: pd.Index,
    half_years: pd.Index,
) -> SharedFit:
    """Fit how far past cohorts ended from what the learners' probabilities said in their fourth week."""
    ended = people[people["is_settled"] & people["has_left"]]
    then = rows[(rows["week_of_training"] == SHOCK_WEEK) & rows["enrolment_id"].isin(ended.index)]
    said = np.clip(completes.probability(then), 1e-6, 1 - 1e-6)
    ended = ended.loc[pd.Index(then["enrolment_id"].astype(str))]
    design = np.column_stack(
        [np.ones(len(ended)), ended["half_year"].to_numpy()[:, None] == half_years.to_numpy()]
    ).astype(float)
    return fit_shared(
        design,
        1.0 - ended["is_completed"].to_numpy(dtype=float),
        cohorts.get_indexer(pd.Index(ended["cohort_id"])),
        cohorts=len(cohorts),
        precision=np.repeat([PRIOR_SCALE**-2, 1.0], [1, len(half_years)]),
        shared=slice(1, None),
        offset=logit(said),
    )
