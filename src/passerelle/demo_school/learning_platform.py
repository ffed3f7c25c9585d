"""What the learning platform records: half-days of attendance and days of activity."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from passerelle.demo_school.chance import coded, dates, expit
from passerelle.demo_school.config import Attendance
from passerelle.demo_school.enrolments import Enrolments
from passerelle.demo_school.play import Play
from passerelle.demo_school.records import stamps

MARKS = ["present", "late", "excused", "absent"]
CORRECTED_MARK = np.array([1, 0, 3, 2])  # what a wrong mark becomes
NOON, EVENING = (9.25, 9.75), (13.5, 14.5)


def attendance(enrolments: Enrolments, *, play: Play) -> pa.Table:
    """One row per enrolment and half-day of class while enrolled, and one more per correction."""
    generator = play.dice.stream("attendance")
    who, week, day = _class_days(enrolments, play)
    engagement = enrolments.journeys.engagement[who, week]
    marks = _marks(engagement, play.assumed.attendance, generator)
    who, day, part = np.repeat(who, 2), np.repeat(day, 2), np.tile(np.array([0, 1]), len(who))
    registrar = play.registrar("attendance")
    morning, afternoon = part == 0, part == 1
    recorded = np.empty(len(part), dtype=np.int64)
    recorded[morning] = registrar.recorded(day[morning], hours=NOON)
    recorded[afternoon] = registrar.recorded(day[afternoon], hours=EVENING)
    chosen, corrected = registrar.corrected(recorded)
    rows = np.concatenate([np.arange(len(part)), chosen])
    return pa.table(
        {
            "enrolment_no": _numbers(enrolments, who[rows]),
            "session_date": dates(day[rows]),
            "session_part": coded(part[rows], ["am", "pm"]),
            "mark": coded(np.concatenate([marks, CORRECTED_MARK[marks[chosen]]]), MARKS),
            "recorded_at": stamps(np.concatenate([recorded, corrected])),
        }
    )


def activity(enrolments: Enrolments, *, play: Play) -> pa.Table:
    """One row per enrolment and day with any action on the platform, from two weeks before the start."""
    generator = play.dice.stream("activity")
    who, offset = _active_days(enrolments, play, generator)
    day = enrolments.start[who] + offset
    mean = play.assumed.activity.actions_mean
    actions = 1 + generator.negative_binomial(1.2, 1.2 / (1.2 + mean), size=len(who))
    registrar = play.registrar("activity")
    recorded = registrar.recorded(day, hours=(20.5, 21.5))
    chosen, corrected = registrar.corrected(recorded)
    rows = np.concatenate([np.arange(len(who)), chosen])
    more = actions[chosen] + generator.integers(1, 9, size=len(chosen))
    return pa.table(
        {
            "enrolment_no": _numbers(enrolments, who[rows]),
            "activity_date": dates(day[rows]),
            "action_count": pa.array(np.concatenate([actions, more])),
            "recorded_at": stamps(np.concatenate([recorded, corrected])),
        }
    )


def _numbers(enrolments: Enrolments, rows: np.ndarray) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(rows.astype(np.int32)), enrolments.enrolment_no)


def _class_days(enrolments: Enrolments, play: Play) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Enrolment, week and day of every day of class; in the internship, a return day on some Fridays."""
    weeks = np.arange(play.school.weeks)
    every = play.assumed.attendance.internship_return_every_weeks
    in_training = weeks < play.school.training_weeks
    returns = ~in_training & ((weeks - play.school.training_weeks) % every == every - 1)
    weekday = np.arange(5)
    is_class = in_training[:, None] | (returns[:, None] & (weekday == 4))
    offsets = (7 * weeks[:, None] + weekday)[is_class]
    day = enrolments.start[:, None] + offsets
    who, slot = np.nonzero(
        play.calendar.is_open(day) & (day < (enrolments.left + enrolments.is_completed)[:, None])
    )
    return who, offsets[slot] // 7, enrolments.start[who] + offsets[slot]


def _marks(engagement: np.ndarray, assumed: Attendance, generator: np.random.Generator) -> np.ndarray:
    """Mark of both half-days of each day, morning first; afternoons mostly follow the morning."""
    absent_chance = expit(-(assumed.base + assumed.per_engagement * engagement))
    morning = generator.random(len(engagement), dtype=np.float32)
    other = generator.random(len(engagement), dtype=np.float32)
    follows = generator.random(len(engagement), dtype=np.float32) < assumed.same_day
    draws = np.stack([morning, np.where(follows, morning, other)], axis=1)
    absent = draws < absent_chance[:, None]
    late_chance = np.minimum(assumed.late_share * np.exp(-0.5 * engagement), 0.5)[:, None]
    late = generator.random(draws.shape, dtype=np.float32) < late_chance * np.array([1.0, 0.35])
    excuse = expit(np.log(assumed.excused_share / (1 - assumed.excused_share)) + 0.5 * engagement)
    excused = (generator.random(len(engagement), dtype=np.float32) < excuse)[:, None]
    return np.where(absent, np.where(excused, 2, 3), late.astype(np.int64)).ravel()


def _active_days(
    enrolments: Enrolments, play: Play, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Enrolment and day (counted from the start) of every active day until leaving."""
    assumed, school = play.assumed.activity, play.school
    engagement = enrolments.journeys.engagement
    weeks = np.arange(school.weeks)
    level = np.where(weeks < school.training_weeks, assumed.base, assumed.internship)
    per_week = level + assumed.per_engagement * engagement
    before = assumed.before_start + assumed.per_engagement * enrolments.traits.engagement
    days = np.arange(-assumed.before_start_days, 7 * school.weeks)
    weekend = np.where(days % 7 >= 5, assumed.weekend, 0.0).astype(np.float32)
    log_odds = np.concatenate(
        [np.repeat(before[:, None], assumed.before_start_days, axis=1), np.repeat(per_week, 7, axis=1)],
        axis=1,
    )
    draws = generator.random(log_odds.shape, dtype=np.float32)
    stays = days < (enrolments.left - enrolments.start)[:, None]
    enrolled = days >= (enrolments.enrolled - enrolments.start)[:, None]
    active = (draws < expit(log_odds + weekend)) & stays & enrolled
    who, position = np.nonzero(active)
    return who, days[position]
