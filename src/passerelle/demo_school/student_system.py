"""What the student information system holds: a journal of learners, cohorts, enrolments and internships."""

from __future__ import annotations

import numpy as np
import pandas as pd

from passerelle.demo_school.chance import numbered, picked
from passerelle.demo_school.config import KnownSchool
from passerelle.demo_school.enrolments import Enrolments
from passerelle.demo_school.people import PEOPLE_PER_CHUNK
from passerelle.demo_school.play import Play
from passerelle.demo_school.records import with_corrections
from passerelle.demo_school.school_calendar import DAY

OPENED_BEFORE_DAYS = 240  # trainings, partners and coaches are in the books before the first cohort
SECTORS = ("consulting", "software", "industry")
DECEASED = "deceased"
REASONS = ["personal", "too_hard", "moved", "family", "unknown"]


class StudentSystem:
    """The tables of the student information system, one method each.

    Parameters
    ----------
    enrolments : Enrolments
        What happened.
    play : Play
        The school.
    """

    def __init__(self, enrolments: Enrolments, *, play: Play) -> None:
        self._enrolments, self._play = enrolments, play

    def trainings(self) -> pd.DataFrame:
        """One row per training."""
        rows = [(code, title, field) for code, (title, field) in self._play.school.trainings.items()]
        frame = pd.DataFrame(rows, columns=["training_code", "title", "field"])
        return frame.assign(updated_at=self._opened("training", len(frame)))

    def partners(self) -> pd.DataFrame:
        """One row per partner."""
        partners = self._play.school.partners
        frame = pd.DataFrame(
            {
                "partner_no": [f"P{number:02d}" for number in range(1, len(partners) + 1)],
                "partner_name": partners,
            }
        )
        frame["sector"] = [SECTORS[number % len(SECTORS)] for number in range(len(partners))]
        return frame.assign(updated_at=self._opened("partner", len(frame)))

    def coaches(self, coaches: pd.DataFrame) -> pd.DataFrame:
        """One row per coach."""
        return coaches.assign(updated_at=self._opened("coach", len(coaches)))

    def cohorts(self) -> pd.DataFrame:
        """One row per cohort, known months before it starts; a later one where a date was wrong."""
        cohorts, school = self._enrolments.cohorts, self._play.school
        registrar = self._play.registrar("cohort")
        frame = _places(school, cohorts.campus)
        frame.insert(0, "cohort_code", cohorts.code)
        frame.insert(1, "training_code", np.array(list(school.trainings), dtype=object)[cohorts.training])
        frame["start_date"] = cohorts.start
        frame["training_end_date"] = cohorts.start + 7 * school.training_weeks - 3
        frame["internship_end_date"] = cohorts.start + 7 * school.weeks - 3
        frame["updated_at"] = registrar.recorded(cohorts.start - 200)
        return with_corrections(
            frame, registrar, {"internship_end_date": frame["internship_end_date"].to_numpy() - 7}
        )

    def learners(self) -> pd.DataFrame:
        """One row per learner from the first enrolment on; a later one where schooling was noted wrongly."""
        enrolments, registrar = self._enrolments, self._play.registrar("learner")
        generator = self._play.dice.stream("learner mistakes")
        people = enrolments.people[~enrolments.is_return]
        frame = people.drop(columns=["risk", "intake", "lead_days"])
        frame = frame.assign(updated_at=enrolments.known[~enrolments.is_return])
        levels = np.clip(
            frame["education_isced"].to_numpy() + generator.choice([-1, 1], size=len(frame)), 0, 8
        )
        return with_corrections(frame, registrar, {"education_isced": levels})

    def enrolment(self) -> pd.DataFrame:
        """One row per enrolment, on the day somebody enrols; a later one where the day was wrong."""
        enrolments, registrar = self._enrolments, self._play.registrar("enrolment journal")
        aims = self._play.dice.stream("aims on entry")
        frame = pd.DataFrame(
            {
                "enrolment_no": enrolments.enrolment_no.to_pandas(),
                "learner_no": enrolments.people["learner_no"].to_numpy()[enrolments.person],
                "cohort_code": enrolments.cohorts.code[enrolments.cohort],
                "enrolled_date": enrolments.enrolled,
                "prior_attempts_count": enrolments.is_return.astype(np.int64),
                "wants_work_in_field": aims.random(len(enrolments))
                < self._play.assumed.placement.aims_at_field_share,
                "updated_at": enrolments.known,
            }
        )
        return with_corrections(frame, registrar, {"enrolled_date": enrolments.enrolled - 1})

    def statuses(self, reasons: np.ndarray) -> pd.DataFrame:
        """One row per change of status, and one more per wrong date; leaving is often noted days later."""
        enrolments, school = self._enrolments, self._play.school
        everybody = np.arange(len(enrolments))
        to_internship = enrolments.start + 7 * school.training_weeks
        interns = np.flatnonzero(enrolments.left > to_internship)
        done = enrolments.is_completed
        leaving = np.where(
            done, "completed", np.where(reasons == "unjustified_absence", "excluded", "dropped_out")
        )
        parts = [
            (1, everybody, "enrolled", enrolments.enrolled, None, 0.0),
            (2, everybody, "started", enrolments.start, None, 0.0),
            (3, interns, "in_internship", to_internship[interns], None, 0.5),
            (4, np.flatnonzero(done), "completed", enrolments.left[done], None, 1.0),
            (5, np.flatnonzero(~done), leaving[~done], enrolments.left[~done], reasons[~done], 3.0),
        ]
        frame = pd.concat([self._status(*part) for part in parts], ignore_index=True)
        return with_corrections(
            frame, self._play.registrar("status"), {"effective_date": frame["effective_date"].to_numpy() - 2}
        )

    def internships(self) -> pd.DataFrame:
        """One row per internship when it is offered, one more when it runs and one when it ends."""
        enrolments, school = self._enrolments, self._play.school
        generator, registrar = self._play.dice.stream("internships"), self._play.registrar("internship")
        begin = enrolments.start + 7 * school.training_weeks
        offered = begin - generator.integers(7, 50, size=len(enrolments))
        found = generator.random(len(enrolments)) < self._play.assumed.placement.internship_share
        who = np.flatnonzero(found & (enrolments.left > begin))
        first = pd.DataFrame(
            {
                "internship_no": numbered(
                    "I", self._play.dice.chunk * PEOPLE_PER_CHUNK + who + 1
                ).to_pandas(),
                "enrolment_no": enrolments.enrolment_no.take(who).to_pandas(),
                "partner_no": picked(
                    generator, list(self.partners()["partner_no"]), [9, 8, 7, 6, 5, 5, 4, 4, 3], len(who)
                ),
                "start_date": begin[who],
                "end_date": begin[who] + 7 * school.internship_weeks - 3,
                "status": "offered",
                "updated_at": registrar.recorded(offered[who], not_before=enrolments.known[who]),
            }
        )
        running = first.assign(status="running", updated_at=_after(registrar.recorded(begin[who]), first))
        completed = enrolments.is_completed[who]
        ended = running.assign(
            status=np.where(completed, "completed", "broken_off"),
            end_date=np.where(completed, running["end_date"], enrolments.left[who]),
            updated_at=_after(registrar.recorded(enrolments.left[who], usual_lag=2.0), running),
        )
        return pd.concat([first, running, ended], ignore_index=True)

    def _status(
        self, number: int, who: np.ndarray, status: object, day: np.ndarray, reason: object, lag: float
    ) -> pd.DataFrame:
        numbers = self._enrolments.enrolment_no.take(who).to_pandas()
        registrar, known = self._play.registrar(f"status {number}"), self._enrolments.known[who]
        return pd.DataFrame(
            {
                "status_no": numbers + f"-S{number}",
                "enrolment_no": numbers,
                "status": status,
                "effective_date": day,
                "reason_code": reason,
                "updated_at": registrar.recorded(day, usual_lag=lag, not_before=known),
            }
        )

    def _opened(self, table: str, count: int) -> np.ndarray:
        day = self._enrolments.cohorts.start[0] - OPENED_BEFORE_DAYS
        return self._play.registrar(table).recorded(np.full(count, day))


def leaving_reasons(enrolments: Enrolments, *, play: Play) -> np.ndarray:
    """Why each enrolment ended early, None when it did not; the least engaged are excluded for absence."""
    generator, leaving = play.dice.stream("reasons"), play.assumed.leaving
    count = len(enrolments)
    reasons = picked(generator, REASONS, [0.34, 0.24, 0.12, 0.12, 0.18], count)
    week = np.minimum(enrolments.left - enrolments.start, 7 * play.school.weeks - 1) // 7
    engagement = enrolments.journeys.engagement[np.arange(count), week]
    early = ~enrolments.is_completed
    limit = np.quantile(engagement[early], leaving.excluded_share) if early.any() else -np.inf
    reasons[generator.random(count) < leaving.found_work_share] = "found_work"
    reasons[engagement <= limit] = "unjustified_absence"
    reasons[~early] = None
    return reasons


def deaths(enrolments: Enrolments, reasons: np.ndarray, *, play: Play) -> np.ndarray:
    """Which enrolments ended because the learner died; drawn by dice of their own, so that nobody else's fate moves."""
    likely = (reasons != None) & ~np.isin(reasons, ["found_work", "unjustified_absence"])  # noqa: E711 - element by element
    came_back = np.isin(enrolments.person, enrolments.person[enrolments.is_return]) & ~enrolments.is_return
    drawn = play.dice.stream("deaths").random(len(enrolments)) < play.assumed.leaving.deceased_share
    return drawn & likely & ~came_back


def _places(school: KnownSchool, campus: np.ndarray) -> pd.DataFrame:
    places = pd.DataFrame([place.model_dump() for place in school.campuses])
    places = places.rename(columns={"name": "campus"})[["campus", "region", "employment_service"]]
    return places.iloc[campus].reset_index(drop=True)


def _after(seconds: np.ndarray, earlier: pd.DataFrame) -> np.ndarray:
    """The given times, but a day after the earlier row of the same key at least."""
    return np.maximum(seconds, earlier["updated_at"].to_numpy() + DAY)
