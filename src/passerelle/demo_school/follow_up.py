"""The follow-up surveys, 3, 6 and 12 months after leaving: who answers, and what they say."""

from __future__ import annotations

import numpy as np
import pandas as pd

from passerelle.demo_school.careers import KINDS, OCCUPATIONS, Careers
from passerelle.demo_school.chance import NEVER, expit, unless
from passerelle.demo_school.employment_services import first_file
from passerelle.demo_school.enrolments import Enrolments
from passerelle.demo_school.play import Play

WAVES = ((3, 91), (6, 182), (12, 365))
CLOSED_AFTER_DAYS = 30
FILE_DAY = 15
ONLY_ANSWERED = (
    "situation",
    "contract_type",
    "hours_pct",
    "isco08",
    "employer_is_partner",
    "employer_is_school",
)
SAID = {"permanent": "permanent", "temporary": "temporary", "agency": "agency", "subsidised": "internship"}


def survey(enrolments: Enrolments, careers: Careers, *, play: Play) -> pd.DataFrame:
    """One row per leaver and wave, answered or not, with ``file_day``; one more if it came late."""
    waves = [
        _wave(
            enrolments, careers, number, play=play, generator=play.dice.stream(f"survey {WAVES[number][0]}")
        )
        for number in range(len(WAVES))
    ]
    return pd.concat(waves, ignore_index=True)


def _wave(
    enrolments: Enrolments,
    careers: Careers,
    number: int,
    *,
    play: Play,
    generator: np.random.Generator,
) -> pd.DataFrame:
    months, days = WAVES[number]
    count = len(enrolments)
    sent = enrolments.left + days
    waited = np.minimum(generator.exponential(6.0, size=count), CLOSED_AFTER_DAYS - 1)
    answered = sent + waited.astype(np.int64)
    situation = _situation(enrolments, careers, answered, play=play, generator=generator)
    silent = _is_silent(enrolments, situation, play.assumed.survey.non_response[number], generator)
    after_all = silent & (generator.random(count) < play.assumed.survey.answers_after_all_share)
    said = pd.DataFrame(
        {
            "learner_no": enrolments.people["learner_no"].to_numpy()[enrolments.person],
            "enrolment_no": enrolments.enrolment_no.to_pandas(),
            "wave_months": months,
            "sent_date": sent,
            "answered_date": answered,
        }
    ).join(situation)
    nothing = said.assign(answered_date=NEVER, job_start_date=NEVER, **dict.fromkeys(ONLY_ANSWERED))
    closed = first_file(sent + CLOSED_AFTER_DAYS, FILE_DAY)
    later = first_file(closed + 1 + generator.integers(0, 40, size=count), FILE_DAY)
    parts = [
        said.assign(file_day=first_file(answered + 1, FILE_DAY))[~silent],
        nothing.assign(file_day=closed)[silent],
        said.assign(answered_date=closed + 1, file_day=later)[after_all],
    ]
    return pd.concat(parts, ignore_index=True)


def _is_silent(
    enrolments: Enrolments, situation: pd.DataFrame, share: float, generator: np.random.Generator
) -> np.ndarray:
    """Who does not answer: rather those who left early, and those without work."""
    works = situation["situation"].isin(["working", "self_employed"]).to_numpy()
    log_odds = np.log(share / (1 - share)) + 0.5 * ~enrolments.is_completed - 0.35 * works + 0.15
    return generator.random(len(enrolments)) < expit(log_odds)


def _situation(
    enrolments: Enrolments,
    careers: Careers,
    day: np.ndarray,
    *,
    play: Play,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """What each would answer on that day; some remember the start of their job a month off."""
    count = len(enrolments)
    at_work = (careers.start <= day[:, None]) & (careers.end >= day[:, None])
    works, spell = np.asarray(at_work.any(axis=1)), at_work.argmax(axis=1)
    rows = np.arange(count)
    kind = np.array(KINDS, dtype=object)[careers.kind[rows, spell]]
    idle = np.where(generator.random(count) < 0.85, "seeking", "not_seeking").astype(object)
    idle[(careers.study_start <= day) & (day < careers.study_start + 300)] = "further_training"
    wrong = generator.random(count) < play.assumed.survey.wrong_start_share
    start = careers.start[rows, spell] + np.where(wrong, generator.choice([-30, 30], size=count), 0)
    employed = works & (kind != "self_employed")
    frame = pd.DataFrame({"situation": np.where(works, np.where(employed, "working", "self_employed"), idle)})
    frame["job_start_date"] = np.where(works, np.clip(start, enrolments.left + 1, day), NEVER)
    frame["contract_type"] = unless(~employed, pd.Series(kind).map(SAID))
    frame["hours_pct"] = unless(~works, careers.hours_pct[rows, spell])
    frame["isco08"] = unless(~works, np.array(OCCUPATIONS, dtype=object)[careers.occupation[rows, spell]])
    frame["employer_is_partner"] = unless(~works, careers.is_partner[rows, spell])
    frame["employer_is_school"] = unless(~works, careers.is_school[rows, spell])
    return frame
