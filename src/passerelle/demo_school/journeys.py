"""The hidden truth of training: engagement week by week, coaches' actions, and who leaves when.

A learner's engagement in week w is ``mean + deviation(w)``, the deviation an AR(1). Low engagement raises the
chance of a coach's action next week and the hazard of leaving this week; an action lowers it for a while.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from passerelle.demo_school.chance import NEVER, expit
from passerelle.demo_school.cohorts import DAYS_PER_YEAR, Cohorts
from passerelle.demo_school.play import Play


@dataclass(frozen=True)
class Traits:
    """What is fixed about each enrolment when it starts; all in log-odds or standard units.

    Attributes
    ----------
    engagement : numpy.ndarray
        Mean weekly engagement.
    leaving : numpy.ndarray
        Log-odds of leaving, on top of the week's own.
    placement : numpy.ndarray
        Log relative hazard of finding work.
    """

    engagement: np.ndarray
    leaving: np.ndarray
    placement: np.ndarray

    def only(self, kept: np.ndarray) -> Traits:
        """The same for some of the enrolments."""
        return Traits(self.engagement[kept], self.leaving[kept], self.placement[kept])


@dataclass(frozen=True)
class State:
    """Where each enrolment stands at the end of a week: deviation, engagement, weeks of support left."""

    deviation: np.ndarray
    engagement: np.ndarray
    support_weeks: np.ndarray

    def only(self, kept: np.ndarray) -> State:
        """The same for some of the enrolments."""
        return State(self.deviation[kept], self.engagement[kept], self.support_weeks[kept])


@dataclass(frozen=True)
class Journeys:
    """One entry per enrolment.

    Attributes
    ----------
    engagement : numpy.ndarray of float32
        Enrolments by weeks.
    is_acted_on : numpy.ndarray of bool
        A coach acted in that week.
    left_after_days : numpy.ndarray of int64
        Days from the start to leaving early; NEVER for those who stayed to the end.
    week_4 : State
        The state at day 28.
    """

    engagement: np.ndarray
    is_acted_on: np.ndarray
    left_after_days: np.ndarray
    week_4: State

    @property
    def is_completed(self) -> np.ndarray:
        """Whether the learner stayed to the end."""
        return self.left_after_days >= NEVER


def traits(people: pd.DataFrame, *, cohort: np.ndarray, cohorts: Cohorts, play: Play) -> Traits:
    """Add up person, cohort and drift over the years; ``people`` has one row per enrolment."""
    assumed = play.assumed
    leaving, placing, engaging = assumed.leaving, assumed.placement, assumed.engagement
    risk, intake = people["risk"].to_numpy(), people["intake"].to_numpy()
    years = (cohorts.start - cohorts.start[0]) / DAYS_PER_YEAR
    of_cohort = leaving.cohort_sd * play.dice.stream("cohort leaving").standard_normal(len(cohorts))
    of_cohort += leaving.drift * np.sin(2 * np.pi * years / leaving.drift_years)
    hiring = placing.cohort_sd * play.dice.stream("cohort placement").standard_normal(len(cohorts))
    hiring += placing.climate * np.cos(2 * np.pi * years / placing.climate_years)
    return Traits(
        engagement=-engaging.per_risk * risk - engaging.per_intake * intake,
        leaving=leaving.per_risk * risk + leaving.per_intake * intake + of_cohort[cohort],
        placement=placing.per_risk * risk + placing.per_intake * intake + hiring[cohort],
    )


def walk(fixed: Traits, *, play: Play) -> Journeys:
    """Walk every enrolment through all its weeks; what would have come after leaving is walked too."""
    generator = play.dice.stream("journeys")
    count, weeks = len(fixed.leaving), play.school.weeks
    engagement = np.empty((count, weeks), dtype=np.float32)
    acted = np.empty((count, weeks), dtype=bool)
    left_after = np.full(count, NEVER)
    state = week_4 = first_state(fixed, play, generator, shape=(count,))
    for week in range(weeks):
        state, acted[:, week], hazard = next_week(state, fixed, week, play=play, generator=generator)
        engagement[:, week] = state.engagement
        leaves = (generator.random(count) < hazard) & (left_after == NEVER)
        day = np.maximum(7 * week + generator.integers(0, 5, size=count), 1)
        left_after = np.where(leaves, day, left_after)
        week_4 = state if week == 3 else week_4
    return Journeys(engagement, acted, left_after, week_4)


def first_state(
    fixed: Traits, play: Play, generator: np.random.Generator, *, shape: tuple[int, ...]
) -> State:
    """State before the first week; a second dimension of ``shape`` is that many possible paths."""
    deviation = play.assumed.engagement.weekly_sd * generator.standard_normal(shape)
    mean = fixed.engagement.reshape(-1, *(1,) * (len(shape) - 1))
    return State(deviation, mean + deviation, np.zeros(shape, dtype=np.int64))


def next_week(
    state: State, fixed: Traits, week: int, *, play: Play, generator: np.random.Generator
) -> tuple[State, np.ndarray, np.ndarray]:
    """One week on: the new state, where a coach acted, and the hazard of leaving in the week."""
    assumed = play.assumed
    shape = state.deviation.shape
    column = (-1, *(1,) * (len(shape) - 1))
    support, again = assumed.support, assumed.engagement.weekly_autocorrelation
    chance_of_action = expit(support.base - support.per_disengagement * state.engagement)
    acted = generator.random(shape) < chance_of_action
    shock = assumed.engagement.weekly_sd * np.sqrt(1 - again**2) * generator.standard_normal(shape)
    deviation = again * state.deviation + shock
    engagement = fixed.engagement.reshape(column) + deviation
    supported = np.where(acted, support.lasts_weeks, np.maximum(state.support_weeks - 1, 0))
    log_odds = _week_level(week, play) + fixed.leaving.reshape(column)
    log_odds = log_odds - assumed.leaving.per_disengagement * deviation + support.effect * (supported > 0)
    return State(deviation, engagement, supported), acted, expit(log_odds)


def chance_of_completing(
    fixed: Traits, state: State | None, *, from_week: int, play: Play, paths: int
) -> np.ndarray:
    """The oracle: true probability of staying to the end, over many possible futures.

    Parameters
    ----------
    fixed : Traits
        What is fixed.
    state : State or None
        The true state when ``from_week`` begins; None when even that is unknown, as at intake.
    from_week : int
        First week that is still open.
    play : Play
        The truth, and randomness.
    paths : int
        Possible futures per enrolment.
    """
    generator = play.dice.stream(f"oracle {from_week}")
    shape = (len(fixed.leaving), paths)
    future = first_state(fixed, play, generator, shape=shape)
    if state is not None:
        future = State(*(np.repeat(part[:, None], paths, axis=1) for part in vars(state).values()))
    staying = np.ones(shape)
    for week in range(from_week, play.school.weeks):
        future, _, hazard = next_week(future, fixed, week, play=play, generator=generator)
        staying *= 1 - hazard
    return staying.mean(axis=1)


def _week_level(week: int, play: Play) -> float:
    leaving = play.assumed.leaving
    if week < len(leaving.first_weeks):
        return leaving.first_weeks[week]
    return leaving.training if week < play.school.training_weeks else leaving.internship
