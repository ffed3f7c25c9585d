"""Life after training: the true spells of work, day by day, and who went on studying."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from passerelle.demo_school.chance import NEVER
from passerelle.demo_school.config import Placement
from passerelle.demo_school.enrolments import Enrolments
from passerelle.demo_school.play import Play

KINDS = ("permanent", "temporary", "agency", "subsidised", "self_employed")
KIND_SHARES = (0.36, 0.29, 0.18, 0.13, 0.04)
PERMANENT, SUBSIDISED = KINDS.index("permanent"), KINDS.index("subsidised")
MEAN_DAYS = np.array([2600.0, 190.0, 70.0, 170.0, 1500.0])
GAP_DAYS = 75.0
KEPT_ON = 0.7  # after a subsidised contract
SPELLS = 4
SCHOOL_HIRES_SHARE = 0.02  # of a completer's jobs
HALF_YEAR = 180
HORIZON = 3000
OCCUPATIONS = ("2511", "2512", "2514", "2519", "2521", "3511", "3512", "4132", "5223", "9333")
OCCUPATION_SHARES = (0.16, 0.15, 0.13, 0.20, 0.09, 0.08, 0.07, 0.05, 0.04, 0.03)


@dataclass(frozen=True)
class Careers:
    """Enrolments by spells (at most four, in order); ``start`` is NEVER where there is no such spell.

    Attributes
    ----------
    start, end : numpy.ndarray
        First and last day of work; ``end`` is NEVER while it lasts.
    kind, occupation, hours_pct : numpy.ndarray
        Position in KINDS and OCCUPATIONS, and working time in per cent.
    is_partner : numpy.ndarray of bool
        The employer is one of the school's partners.
    is_school : numpy.ndarray of bool
        The school itself is the employer; never a partner at the same time.
    study_start : numpy.ndarray
        Per enrolment, the day on which further training started, else NEVER.
    """

    start: np.ndarray
    end: np.ndarray
    kind: np.ndarray
    occupation: np.ndarray
    hours_pct: np.ndarray
    is_partner: np.ndarray
    is_school: np.ndarray
    study_start: np.ndarray

    def without(self, died: np.ndarray) -> Careers:
        """The same, but nothing begins after the deaths of some."""
        start = np.where(died[:, None], NEVER, self.start)
        return replace(self, start=start, study_start=np.where(died, NEVER, self.study_start))


def follow(enrolments: Enrolments, *, found_work: np.ndarray, play: Play) -> Careers:
    """Follow everybody after leaving; ``found_work`` left early because a job was waiting."""
    generator = play.dice.stream("careers")
    first = _first_job(enrolments, found_work=found_work, play=play, generator=generator)
    shape = (len(enrolments), SPELLS)
    start, end, kind = _spells(first, generator)
    start, end = _until_return(start, end, enrolments)
    at_once = (first - enrolments.left <= 10)[:, None] & (np.arange(SPELLS) == 0)
    study = _further_training(enrolments, start[:, 0], play=play, generator=generator)
    occupation = generator.choice(len(OCCUPATIONS), size=shape, p=OCCUPATION_SHARES)
    hours_pct = generator.choice([100, 80, 60, 50], size=shape, p=[0.76, 0.12, 0.04, 0.08])
    is_partner = generator.random(shape) < np.where(at_once & enrolments.is_completed[:, None], 0.85, 0.06)
    hired = play.dice.stream("hired by the school").random(shape) < SCHOOL_HIRES_SHARE
    return Careers(
        start=start,
        end=end,
        kind=kind,
        occupation=occupation,
        hours_pct=hours_pct,
        is_partner=is_partner,
        is_school=hired & enrolments.is_completed[:, None] & ~is_partner,
        study_start=study,
    )


def chance_of_work(
    placement: np.ndarray, *, completed: bool, play: Play, days: int = HALF_YEAR
) -> np.ndarray:
    """True probability of a first job within some days of leaving, given how training ended."""
    at_once, hazard = _levels(play.assumed.placement, np.full(len(placement), completed))
    waiting = _shape_of_waiting(play.assumed.placement)[days]
    return 1 - (1 - _tilted(at_once, placement)) * np.exp(-hazard * np.exp(placement) * waiting)


def _first_job(
    enrolments: Enrolments, *, found_work: np.ndarray, play: Play, generator: np.random.Generator
) -> np.ndarray:
    """First day of work: at once for some, else when the daily hazard strikes; NEVER beyond eight years."""
    assumed, count = play.assumed.placement, len(enrolments)
    placement = enrolments.traits.placement
    at_once, hazard = _levels(assumed, enrolments.is_completed)
    is_at_once = (generator.random(count) < _tilted(at_once, placement)) | found_work
    needed = generator.exponential(size=count) / (hazard * np.exp(placement))
    waiting = _shape_of_waiting(assumed)
    days = np.searchsorted(waiting, needed)
    days = np.where(is_at_once, generator.integers(1, 8, size=count), days + 1)
    return np.where(days >= HORIZON, NEVER, enrolments.left + days)


def _spells(first: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Start, end and kind of job after job; a subsidised one often turns into a permanent one at once."""
    shape = (len(first), SPELLS)
    kind = generator.choice(len(KINDS), size=shape, p=KIND_SHARES)
    start, end = np.full(shape, NEVER), np.full(shape, NEVER)
    moment, kept_on = first, np.zeros(len(first), dtype=bool)
    for spell in range(SPELLS):
        kind[:, spell] = np.where(kept_on, PERMANENT, kind[:, spell])
        last_day = moment + generator.exponential(MEAN_DAYS[kind[:, spell]]).astype(np.int64)
        works = moment < NEVER
        start[works, spell], end[works, spell] = moment[works], last_day[works]
        kept_on = (kind[:, spell] == SUBSIDISED) & (generator.random(len(first)) < KEPT_ON)
        gap = 1 + np.where(kept_on, 0, 1 + generator.exponential(GAP_DAYS, size=len(first))).astype(np.int64)
        moment = np.where(works, last_day + gap, NEVER)
    return start, end, kind


def _levels(assumed: Placement, completed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    at_once = np.where(completed, assumed.completed_at_once, assumed.left_early_at_once)
    return at_once, np.where(
        completed, assumed.completed_half_year_hazard, assumed.left_early_half_year_hazard
    )


def _tilted(chance: np.ndarray, placement: np.ndarray) -> np.ndarray:
    odds = chance / (1 - chance) * np.exp(placement)
    return odds / (1 + odds)


def _shape_of_waiting(assumed: Placement) -> np.ndarray:
    """Cumulative hazard by day, 1 after half a year: a part that cools down and a part that stays."""
    days = np.arange(HORIZON + 1)
    hazard = 0.8 * (1 - np.exp(-days / assumed.cooling_days)) + 0.2 * days / (4 * HALF_YEAR)
    return hazard / hazard[HALF_YEAR]


def _until_return(
    start: np.ndarray, end: np.ndarray, enrolments: Enrolments
) -> tuple[np.ndarray, np.ndarray]:
    """Work ends, and no other begins, when somebody comes back to training."""
    back = np.full(len(enrolments), NEVER)
    returns = np.flatnonzero(enrolments.is_return)
    back[enrolments.person[returns]] = enrolments.start[returns]
    last_day = (back - 1)[:, None]
    too_late = start >= last_day
    return np.where(too_late, NEVER, start), np.where(too_late, NEVER, np.minimum(end, last_day))


def _further_training(
    enrolments: Enrolments, first_job: np.ndarray, *, play: Play, generator: np.random.Generator
) -> np.ndarray:
    """Some go on studying one to five months after leaving; nobody who found work by then or comes back."""
    count = len(enrolments)
    begins = enrolments.left + 30 + generator.integers(0, 120, size=count)
    goes = generator.random(count) < play.assumed.placement.further_training_share
    came_back = np.isin(np.arange(count), enrolments.person[enrolments.is_return])
    return np.where(goes & (begins < first_job - 30) & ~came_back, begins, NEVER)
