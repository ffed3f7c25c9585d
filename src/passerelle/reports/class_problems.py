"""Whole classes that fell back at once, against their own last weeks and against past classes at the same point.

A structural problem (timetable, teacher, tools, workload) shows in most of a class in the same week.
No person is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

import pandas as pd

from passerelle.reports.names import shown_name
from passerelle.reports.words import Words

Week = dict[Any, Any]
#: A smaller class says nothing as a class.
FEWEST_LEARNERS = 8
#: Fewer past classes at this point are no measure.
FEWEST_PAST_CLASSES = 5
#: The weeks that attendance is summed over, and that "online last week" is held against.
WEEKS = 4
#: By as much must attendance lie below both, the class itself and past classes.
ATTENDED_DROP = 0.05
ONLINE_DROP = 0.10
#: Where past classes were mostly offline too, the course itself is (an internship, a holiday).
ONLINE_COURSE = 0.75
#: Departures of one week, at least so many and this share of those who were there.
LEFT_COUNT, LEFT_SHARE = 3, 0.10


def class_problems(
    cohort_weeks: pd.DataFrame, cohort_ids: Iterable[str], words: Words, *, missing: Collection[str] = ()
) -> tuple[str, ...]:
    """One sentence per class and fact that fell back as a whole this Monday.

    Parameters
    ----------
    cohort_weeks : pandas.DataFrame
        Rows of ``mart_cohort_week`` up to the Monday.
    cohort_ids : iterable of str
        Classes to look at, in the order of the sentences.
    words : Words
    missing : collection of str, optional
        Entities whose facts have not all been received: nothing is judged by them.
    """
    by_cohort = {str(cohort): weeks for cohort, weeks in cohort_weeks.groupby("cohort_id")}
    return tuple(
        words.say(f"problem.{name}", cohort=shown_name(cohort), **told)
        for cohort in cohort_ids
        if cohort in by_cohort
        for name, check in CHECKS.items()
        if TOLD_BY[name] not in missing
        if (told := check(_newest_first(by_cohort[cohort]), words)) is not None
    )


def _newest_first(weeks: pd.DataFrame) -> list[Week]:
    newest = weeks.sort_values("as_of_date", ascending=False).head(WEEKS + 1)
    return newest.to_dict("records")


def _fell(now: Any, before: Any, past: Any, least: float) -> bool:
    known = not any(pd.isna(value) for value in (now, before, past))
    # To the thousandth: a tenth is no exact number in a computer.
    return known and round(min(before, past) - now, 3) >= least


def _judged(weeks: list[Week]) -> bool:
    now = weeks[0]
    enough = now["active_count"] >= FEWEST_LEARNERS and now["past_cohort_count"] >= FEWEST_PAST_CLASSES
    return len(weeks) > WEEKS and bool(enough)


def _attended(weeks: list[Week], words: Words) -> dict[str, Any] | None:
    now, before = weeks[0]["attended_share_4w"], weeks[-1]["attended_share_4w"]
    past = weeks[0]["past_attended_share_4w"]
    if not _judged(weeks) or not _fell(now, before, past, ATTENDED_DROP):
        return None
    return {"now": words.share(now), "before": words.share(before), "past": words.share(past)}


def _online(weeks: list[Week], words: Words) -> dict[str, Any] | None:
    name = "active_on_platform_share_1w"
    now, past = weeks[0][name], weeks[0][f"past_{name}"]
    before = pd.Series([week[name] for week in weeks[1:]], dtype="float64").mean(skipna=False)
    # A class of which nobody at all was seen is a log that did not arrive.
    fell = _judged(weeks) and now != 0 and _fell(now, before, past, ONLINE_DROP)
    if not fell or past < ONLINE_COURSE:
        return None
    return {"now": words.share(now), "before": words.share(before), "past": words.share(past)}


def _left(weeks: list[Week], words: Words) -> dict[str, Any] | None:
    left = int(weeks[0]["departed_count_1w"])
    there = left + int(weeks[0]["active_count"])
    if there < FEWEST_LEARNERS or left < LEFT_COUNT or left < LEFT_SHARE * there:
        return None
    return {"left": words.number(left), "there": words.number(there)}


CHECKS: dict[str, Callable[[list[Week], Words], dict[str, Any] | None]] = {
    "attended": _attended,
    "online": _online,
    "left": _left,
}
#: Check to the entity that it reads.
TOLD_BY = {"attended": "attendance", "online": "activity_days", "left": "enrolment_status_changes"}
