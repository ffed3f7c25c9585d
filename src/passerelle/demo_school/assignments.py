"""Assignments of the cohorts, and what learners handed in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from passerelle.demo_school.chance import expit
from passerelle.demo_school.config import Assignments
from passerelle.demo_school.enrolments import Enrolments
from passerelle.demo_school.play import Play
from passerelle.demo_school.records import Registrar, with_corrections

PHASES = ((4, "Field"), (8, "Hill"), (26, "Mountain"), (99, "Summer Pastures"))
QUIZ_EVERY = 4


def assignments(enrolments: Enrolments, *, play: Play) -> pd.DataFrame:
    """One row per assignment of a cohort, and one more when its date was moved."""
    offsets = _due_offsets(play)
    number = np.arange(len(offsets))
    cohorts = enrolments.cohorts
    registrar = play.registrar("assignment")
    kind = np.where(
        number == len(offsets) - 1, "final", np.where(number % QUIZ_EVERY == 2, "quiz", "project")
    )
    phase = np.array([next(name for week, name in PHASES if day // 7 < week) for day in offsets])
    due = cohorts.start[:, None] + offsets
    published = registrar.recorded(cohorts.start - 14)
    frame = pd.DataFrame(
        {
            "assignment_no": _assignment_numbers(cohorts.code, len(offsets)),
            "cohort_code": np.repeat(cohorts.code, len(offsets)),
            "title": np.tile(
                [f"{name} {kind} {n + 1}" for name, kind, n in zip(phase, kind, number, strict=True)],
                len(due),
            ),
            "assignment_type": np.tile(kind, len(due)),
            "due_date": due.ravel(),
            "weight_pct": np.tile(_weights(kind), len(due)),
            "recorded_at": np.repeat(published, len(offsets)),
        }
    )
    return with_corrections(
        frame, registrar, {"due_date": frame["due_date"].to_numpy() - 3}, known_at="recorded_at"
    )


def submissions(enrolments: Enrolments, *, play: Play) -> pd.DataFrame:
    """One row per hand-in, a second when it is graded days later, a third when the grade was wrong."""
    assumed, generator = play.assumed.assignments, play.dice.stream("submissions")
    handed_in, late_days = _hand_ins(enrolments, play, generator)
    who, number = np.nonzero(handed_in)
    due = enrolments.start[who] + _due_offsets(play)[number]
    submitted = due + late_days[who, number]
    score = _scores(enrolments, assumed, generator)[who, number]
    registrar = play.registrar("submission")
    given = _assignment_numbers(enrolments.cohorts.code, len(late_days[0])).reshape(
        len(enrolments.cohorts), -1
    )
    frame = pd.DataFrame(
        {
            "assignment_no": given[enrolments.cohort[who], number],
            "enrolment_no": enrolments.enrolment_no.take(who).to_pandas(),
            "email": enrolments.people["email"].to_numpy()[enrolments.person[who]],
            "submitted_date": submitted,
            "due_date": due,
            "grade": None,
            "score_pct": np.nan,
            "recorded_at": registrar.recorded(submitted, hours=(17.0, 21.5)),
        }
    )
    return _with_grades(frame, score, registrar, generator)


def _with_grades(
    frame: pd.DataFrame, score: np.ndarray, registrar: Registrar, generator: np.random.Generator
) -> pd.DataFrame:
    """A later row per hand-in with the grade; one in a hundred is corrected."""
    known = frame["recorded_at"].to_numpy()
    days = known // 86_400 + 1 + generator.integers(1, 10, size=len(frame))
    graded = frame.assign(grade=_grades(score), score_pct=score, recorded_at=registrar.recorded(days))
    wrong = np.clip(score + generator.choice([-10.0, 10.0], size=len(score)), 0, 100)
    graded = with_corrections(
        graded, registrar, {"score_pct": wrong, "grade": _grades(wrong)}, known_at="recorded_at"
    )
    return pd.concat([frame, graded], ignore_index=True)


def _due_offsets(play: Play) -> np.ndarray:
    """Due days, counted from the start: always a Friday, every one to two weeks."""
    every = play.assumed.assignments.every_days
    days = np.arange(every, 7 * play.school.training_weeks, every)
    return np.unique(days // 7 * 7 + 4)


def _assignment_numbers(codes: np.ndarray, count: int) -> np.ndarray:
    numbers = pd.Series(np.tile(np.arange(1, count + 1), len(codes))).astype(str).str.zfill(2)
    return (pd.Series(np.repeat(codes, count)) + "-A" + numbers).to_numpy(dtype=object)


def _weights(kind: np.ndarray) -> np.ndarray:
    """Weights in per cent: the final one counts four times, a quiz half."""
    parts = np.select([kind == "final", kind == "quiz"], [4.0, 0.5], 1.0)
    return np.round(100 * parts / parts.sum(), 2)


def _hand_ins(
    enrolments: Enrolments, play: Play, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Enrolments by assignments: handed in while enrolled, and days after (or before) the due date."""
    assumed, offsets = play.assumed.assignments, _due_offsets(play)
    engagement = enrolments.journeys.engagement[:, offsets // 7]
    gives = generator.random(engagement.shape) < expit(
        assumed.hand_in_base + assumed.hand_in_per_engagement * engagement
    )
    is_late = generator.random(engagement.shape) < expit(
        assumed.late_base - assumed.late_per_disengagement * engagement
    )
    days = np.where(
        is_late,
        1 + generator.geometric(0.25, size=engagement.shape),
        -generator.integers(0, 3, size=engagement.shape),
    )
    stays = offsets + days < (enrolments.left - enrolments.start)[:, None]
    return gives & stays, days


def _scores(enrolments: Enrolments, assumed: Assignments, generator: np.random.Generator) -> np.ndarray:
    """Scores in per cent, whole points: a skill per learner, partly their risk, plus the luck of the day."""
    risk = enrolments.people["risk"].to_numpy()[enrolments.person]
    own = assumed.score_per_risk
    skill = own * risk + np.sqrt(1 - own**2) * generator.standard_normal(len(enrolments))
    luck = generator.standard_normal((len(enrolments), len(enrolments.journeys.engagement[0])))
    mixed = (
        np.sqrt(assumed.score_correlation) * skill[:, None] + np.sqrt(1 - assumed.score_correlation) * luck
    )
    return np.clip(np.round(assumed.score_mean + assumed.score_sd * mixed), 0, 100)


def _grades(score: np.ndarray) -> np.ndarray:
    return np.select(
        [score < 50, score < 65, score < 85], ["incomplete", "complete", "correct"], "great"
    ).astype(object)
