"""Who sits in which cohort, and how it went: one entry per enrolment, those who come back included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from passerelle.demo_school.chance import NEVER, numbered
from passerelle.demo_school.cohorts import Cohorts
from passerelle.demo_school.journeys import Journeys, Traits, traits, walk
from passerelle.demo_school.people import PEOPLE_PER_CHUNK, draw_learners
from passerelle.demo_school.play import Play

PAUSE_DAYS = 90  # nobody comes back sooner


@dataclass(frozen=True)
class Enrolments:
    """One entry per enrolment, in order of cohort; days count from 1970.

    Attributes
    ----------
    enrolment_no : pyarrow.Array
        Reference number.
    person : numpy.ndarray
        Row in ``people``; a learner who comes back has two enrolments.
    people : pandas.DataFrame
        One row per person, as ``draw_learners`` gives them.
    cohort : numpy.ndarray
        Position in ``cohorts``.
    start, enrolled, left : numpy.ndarray
        First day, day of enrolment, and the day on which the learner left early or finished.
    known : numpy.ndarray
        UTC seconds at which the student system first had it.
    journeys : Journeys
        How it went.
    traits : Traits
        Why.
    """

    enrolment_no: pa.Array
    person: np.ndarray
    people: pd.DataFrame
    cohorts: Cohorts
    cohort: np.ndarray
    start: np.ndarray
    enrolled: np.ndarray
    left: np.ndarray
    known: np.ndarray
    journeys: Journeys
    traits: Traits

    def __len__(self) -> int:
        return len(self.start)

    @property
    def is_completed(self) -> np.ndarray:
        """Whether the learner stayed to the end."""
        return self.journeys.is_completed

    @property
    def is_return(self) -> np.ndarray:
        """Whether the learner had started before, and left."""
        return self.person != np.arange(len(self))


def enrol(cohorts: Cohorts, *, play: Play) -> Enrolments:
    """Fill the cohorts and walk them to their end.

    The walk is done twice with the same dice: the first time to know who left, the second with some of those
    who left in the places of newcomers.
    """
    cohort = np.repeat(np.arange(len(cohorts)), cohorts.size)
    start, campus = cohorts.start[cohort], cohorts.campus[cohort]
    newcomers = draw_learners(play.school, campus=campus, start=start, dice=play.dice)
    person = np.arange(len(cohort))
    for chooses_returns in (True, False):
        people = newcomers.iloc[person]
        fixed = traits(people, cohort=cohort, cohorts=cohorts, play=play)
        journeys = walk(fixed, play=play)
        if chooses_returns:
            left = np.where(journeys.is_completed, NEVER, start + journeys.left_after_days)
            share = play.assumed.records.returning_share
            person = _who_returns(left, start, campus, share=share, generator=play.dice.stream("returns"))
    finished = start + 7 * play.school.weeks - 3
    enrolled = start - newcomers["lead_days"].to_numpy()
    return Enrolments(
        enrolment_no=numbered("E", play.dice.chunk * PEOPLE_PER_CHUNK + np.arange(len(cohort)) + 1),
        person=person,
        people=newcomers,
        cohorts=cohorts,
        cohort=cohort,
        start=start,
        enrolled=enrolled,
        left=np.where(journeys.is_completed, finished, start + journeys.left_after_days),
        known=play.registrar("enrolment").recorded(enrolled),
        journeys=journeys,
        traits=fixed,
    )


def _who_returns(
    left: np.ndarray, start: np.ndarray, campus: np.ndarray, *, share: float, generator: np.random.Generator
) -> np.ndarray:
    """Person of each place: a newcomer, or somebody of the same campus who left long enough ago."""
    person = np.arange(len(start))
    places = np.flatnonzero(generator.random(len(start)) < share)
    for here in np.unique(campus):
        leavers = np.flatnonzero((campus == here) & (left < NEVER) & ~np.isin(person, places))
        leavers = leavers[np.argsort(left[leavers], kind="stable")]
        wanted = places[campus[places] == here]
        free = np.searchsorted(left[leavers], start[wanted] - PAUSE_DAYS)
        wanted, free = wanted[free > 0], free[free > 0]
        chosen = leavers[(generator.random(len(wanted)) * free).astype(np.int64)]
        once = np.unique(chosen, return_index=True)[1]
        person[wanted[once]] = chosen[once]
    return person
