"""Coaches' caseloads, and what the coaches did."""

from __future__ import annotations

import numpy as np
import pandas as pd

from passerelle.demo_school.chance import Dice, numbered, picked
from passerelle.demo_school.enrolments import Enrolments
from passerelle.demo_school.people import PEOPLE_PER_CHUNK
from passerelle.demo_school.play import Play
from passerelle.demo_school.records import with_corrections
from passerelle.demo_school.school_calendar import DAY

LEARNERS_PER_PAIR = 1450  # over all the years; about a dozen at a time per coach
ACTIONS = ["talk", "study_plan", "peer_tutor", "admin_help", "referral"]
CHANNELS = ["in_person", "phone", "video", "email"]
VERDICTS = ["agreed", "already_handled", "not_useful"]


def coach_pairs(enrolment_count: int) -> int:
    """Pairs of coaches per campus for a school of this size."""
    return max(1, round(enrolment_count / LEARNERS_PER_PAIR))


def assigned(enrolments: Enrolments, *, pairs: int, dice: Dice) -> np.ndarray:
    """First and second coach (rows of the coaches) of each enrolment: the pair of the cohort, in turns."""
    pair = dice.stream("pairs").integers(0, pairs, size=len(enrolments.cohorts))
    first = enrolments.cohorts.campus * 2 * pairs + 2 * pair
    turn = np.arange(len(enrolments)) % 2
    return np.stack([first[enrolments.cohort] + turn, first[enrolments.cohort] + 1 - turn], axis=1)


def caseloads(
    enrolments: Enrolments,
    *,
    coaches: pd.DataFrame,
    pairs: np.ndarray,
    play: Play,
) -> pd.DataFrame:
    """One row per period of caseload when it begins, one more when it ends; some learners change coach."""
    generator = play.dice.stream("caseloads")
    registrar = play.registrar("caseload")
    count = len(enrolments)
    begin, end = enrolments.start - 7, enrolments.left + 1
    handover = begin + ((end - begin) * generator.uniform(0.2, 0.8, size=count)).astype(np.int64)
    changes = np.flatnonzero(generator.random(count) < play.assumed.support.handover_share)
    first_end = end.copy()
    first_end[changes] = handover[changes]
    who = np.concatenate([np.arange(count), changes])
    starts = np.concatenate([begin, handover[changes] + 1])
    ends = np.concatenate([first_end, end[changes]])
    coach = np.concatenate([pairs[:, 0], pairs[changes, 1]])
    opened = pd.DataFrame(
        {
            "caseload_no": numbered(
                "C", play.dice.chunk * 2 * PEOPLE_PER_CHUNK + np.arange(len(who)) + 1
            ).to_pandas(),
            "coach_no": coaches["coach_no"].to_numpy()[coach],
            "enrolment_no": enrolments.enrolment_no.take(who).to_pandas(),
            "start_date": starts,
            "end_date": pd.array([pd.NA] * len(who), dtype="Int64"),
            "updated_at": registrar.recorded(starts - 7, not_before=enrolments.known[who]),
        }
    )
    known = np.maximum(registrar.recorded(ends), opened["updated_at"].to_numpy() + DAY)
    return pd.concat([opened, opened.assign(end_date=ends, updated_at=known)], ignore_index=True)


def support_actions(
    enrolments: Enrolments,
    *,
    coaches: pd.DataFrame,
    pairs: np.ndarray,
    play: Play,
) -> pd.DataFrame:
    """One row per action of a coach with a learner who was still there, and one more per correction."""
    generator = play.dice.stream("support actions")
    who, week = np.nonzero(enrolments.journeys.is_acted_on)
    day = enrolments.start[who] + 7 * week + generator.integers(0, 5, size=len(who))
    there = day < enrolments.left[who]
    who, day = who[there], day[there]
    count = len(who)
    registrar = play.registrar("action")
    verdict = picked(generator, VERDICTS, [0.55, 0.25, 0.20], count)
    verdict[generator.random(count) < 0.35] = None
    frame = pd.DataFrame(
        {
            "action_no": numbered(
                "A", play.dice.chunk * 5 * PEOPLE_PER_CHUNK + np.arange(count) + 1, width=8
            ).to_pandas(),
            "enrolment_no": enrolments.enrolment_no.take(who).to_pandas(),
            "coach_no": coaches["coach_no"].to_numpy()[pairs[who, 0]],
            "action_date": day,
            "action_code": picked(generator, ACTIONS, [0.5, 0.2, 0.12, 0.12, 0.06], count),
            "channel": picked(generator, CHANNELS, [0.55, 0.2, 0.15, 0.1], count),
            "verdict": verdict,
            "updated_at": registrar.recorded(day, usual_lag=0.6, not_before=enrolments.known[who]),
        }
    )
    wrong = {"channel": picked(generator, CHANNELS, [1, 1, 1, 1], count)}
    return with_corrections(frame, registrar, wrong)
