"""The plain rule: missed, then low, then late. What any coach would do by hand, and what a model has to beat.

Points: work missing or over 10 % of the recent half-days missed 4, an average mark under 50 2, anything late
or over 5 % missed 1. The thresholds for absence are the caution and failure marks of the early-warning field.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from support_need.peers import Column, Panel, share

RULE_POINTS = "rule_points"
POINTS_OF = "points_of_"
RULE_IS_BLIND = "rule_is_blind"
CAUTION_ABSENCE, FAILURE_ABSENCE, LOW_MARK_PCT = 0.05, 0.10, 50
MOST_POINTS = 12
#: Most points that each family of facts can give.
POINTS_BY_FAMILY = {"attendance": 5.0, "activity": 0.0, "assessments": 7.0}


def _absence(panel: Panel) -> Column:
    planned = panel["planned_half_days_count_4w"]
    return share(planned - panel["attended_half_days_count_4w"], planned)


def _points_absence(panel: Panel) -> Column:
    missed = _absence(panel)
    return 4.0 * (missed > FAILURE_ABSENCE) + (missed > CAUTION_ABSENCE)


def _points_missing(panel: Panel) -> Column:
    return 4.0 * (panel["due_count"] > panel["handed_in_of_due_count"])


def _points_marks(panel: Panel) -> Column:
    return 2.0 * (share(panel["score_pct_sum"], panel["scored_count"]) < LOW_MARK_PCT)


def _points_late_work(panel: Panel) -> Column:
    return 1.0 * (panel["late_hand_in_count"] > 0)


#: The feature whose sentence states the fact, and the points that the fact gives.
CONDITIONS: dict[str, Callable[[Panel], Column]] = {
    "work_missing": _points_missing,
    "absence_recent": _points_absence,
    "score_level": _points_marks,
    "work_late": _points_late_work,
}


def apply(frame: pd.DataFrame) -> pd.DataFrame:
    """Apply the rule to rows of the panel.

    Returns
    -------
    pandas.DataFrame
        Same index: ``points_of_<condition>`` for each condition (what is unknown gives none), their sum
        ``rule_points``, and ``rule_is_blind`` where no half-day was planned and no assignment due.
    """
    panel = Panel(frame)
    points = pd.DataFrame(
        {POINTS_OF + name: given(panel) for name, given in CONDITIONS.items()}, index=frame.index
    )
    sees = (panel["planned_half_days_count_4w"] > 0) | (panel["due_count"] > 0)
    total = points.sum(axis=1)
    points[RULE_POINTS], points[RULE_IS_BLIND] = total, ~sees
    return points
