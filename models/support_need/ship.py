"""From cases to what ships: who may compete, each judged on later cohorts, one chosen, fitted, and its level moved.

A training does this once with the cohorts as they were, and once more in each draw of them (``uncertainty``): whatever
is decided here is decided again there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from support_need.candidates import FIT, one_thread
from support_need.choose import choose, competitors, weighed
from support_need.evaluate import judge, splits_of
from support_need.maturing import settled
from support_need.pipeline import FittedTarget, fit
from support_need.recalibrate import recalibration, shift
from support_need.spec import JUDGED_HALF_YEARS, PLAIN_RULE, Choices
from support_need.splits import Split, learnable_cases

TOO_FEW = "{found} enrolments in mature cohorts, {needed} needed: the plain rule ranks"


@dataclass(frozen=True)
class Shipped:
    """What ships, and what led to it.

    Attributes
    ----------
    fitted : FittedTarget
        The chosen candidate, learned from all of ``learned``, its level moved where that helped.
    learned : pandas.DataFrame
        Cases of the cohorts that may be learned from.
    competitors : list of dict
        As ``choose.competitors`` says.
    splits : list of Split
        Cohorts that judged, and those that each was learned from; empty with too little history.
    judged : pandas.DataFrame
        What the candidates said of the judging cohorts, as ``evaluate.judge`` gives it: before any move.
    recalibration : dict
        As ``recalibrate.recalibration`` says, and the ``shift`` that was made; empty with too little history.
    """

    fitted: FittedTarget
    learned: pd.DataFrame
    competitors: list[dict[str, Any]]
    splits: list[Split]
    judged: pd.DataFrame
    recalibration: dict[str, Any]


@one_thread
def ship(
    cases: pd.DataFrame, calendar: pd.DataFrame, *, choices: Choices, judges_all: bool = True
) -> Shipped:
    """Choose and fit what ships.

    Parameters
    ----------
    cases, calendar : pandas.DataFrame
        As ``evaluate.labelled_cases`` gives them, with ``capacity.PLACES``.
    choices : Choices
        What the school chose.
    judges_all : bool, default True
        Judge also those that may not compete, which changes nothing of what ships.
    """
    monday = pd.Timestamp(choices.as_of)
    learned = learnable_cases(cases, calendar, monday)
    ready = weighed(learned)
    compete, found = competitors(learned, ready), settled(learned)["enrolment_id"].nunique()
    if found < choices.min_mature_enrolments:
        why = TOO_FEW.format(found=found, needed=choices.min_mature_enrolments)
        rule = FittedTarget(candidate=PLAIN_RULE, stages={}, why=why)
        return Shipped(rule, learned, compete, [], judge(cases, []), {})
    among = [row["candidate"] for row in compete if row["may_compete"]]
    splits = _splits(calendar, choices)
    judged = judge(
        cases, splits, fits={name: one for name, one in FIT.items() if judges_all or name in among}
    )
    chosen, why = choose(judged, among=among)
    worth = recalibration(judged, calendar, chosen)
    worth["shift"] = (shift(judged, calendar, chosen, before=monday) or 0.0) if worth["is_kept"] else 0.0
    shipped = ready.get(chosen) or fit(chosen, learned)
    fitted = replace(shipped, why=why).moved(worth["shift"])
    return Shipped(fitted, learned, compete, splits, judged, worth)


def _splits(calendar: pd.DataFrame, choices: Choices) -> list[Split]:
    return [
        split
        for day in choices.days
        for split in splits_of(
            calendar,
            days=(day,),
            known_before=lambda _: choices.as_of,
            fewest_enrolments=choices.min_mature_enrolments,
        )[-JUDGED_HALF_YEARS:]
    ]
