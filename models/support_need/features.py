"""From the counts of the enrolment-week panel to what the models eat.

A feature compares a learner with the cohort on the same Monday wherever the field allows it: in a module
where everybody hands in late, late is nothing special; where nothing is due yet, nobody has missed anything.
Unknown is NaN, never zero: a cohort whose click log does not arrive is not silent.

Worked example: three learners of one cohort on one Monday, two assignments due, 2, 2 and 0 handed in::

    share missing      0     0     1
    work_missing    -0.71 -0.71  1.41      (minus the cohort's mean 1/3, over its spread 0.47)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import pandas as pd

from support_need.feature import Family, Feature
from support_need.peers import Column, Panel, share
from support_need.spec import refuse_protected

#: An average mark is drawn to the cohort's as by a result like theirs in week two: a first mark alone says less.
_PEERS_WEEKS = 2


def _absence_recent(panel: Panel) -> Column:
    planned = panel["planned_half_days_count_4w"]
    missed = share(planned - panel["attended_half_days_count_4w"], planned)
    return panel.where("has_attendance", panel.in_spreads(missed, least=0.05))


def _absence_trend(panel: Panel) -> Column:
    planned, planned_lately = panel["planned_half_days_count"], panel["planned_half_days_count_4w"]
    missed = planned - panel["attended_half_days_count"]
    lately = planned_lately - panel["attended_half_days_count_4w"]
    before = share(missed - lately, planned - planned_lately)
    return panel.where("has_attendance", panel.in_spreads(share(lately, planned_lately) - before, least=0.05))


def _absence_unexcused(panel: Panel) -> Column:
    unexcused = share(panel["unexcused_count"], panel["planned_half_days_count"])
    return panel.where("has_attendance", panel.in_spreads(unexcused, least=0.02))


def _lateness_recent(panel: Panel) -> Column:
    late = share(panel["late_count_4w"], panel["planned_half_days_count_4w"])
    return panel.where("has_attendance", panel.in_spreads(late, least=0.05))


def _activity_recent(panel: Panel) -> Column:
    return panel.where("has_activity", panel.from_peers(np.sqrt(panel["active_days_count_4w"])))


def _activity_last_week(panel: Panel) -> Column:
    return panel.where("has_activity", panel.from_peers(panel["active_days_count_1w"] / 7))


def _activity_before_start(panel: Panel) -> Column:
    return panel.where("has_activity", panel.from_peers(np.log1p(panel["pre_start_active_days_count"])))


def _work_missing(panel: Panel) -> Column:
    missing = 1 - share(panel["handed_in_of_due_count"], panel["due_count"])
    return panel.where("has_assessments", panel.in_spreads(missing, least=0.1))


def _work_late(panel: Panel) -> Column:
    late = share(panel["late_hand_in_count"], panel["due_count"])
    late[panel["handed_in_count"] == 0] = np.nan
    return panel.where("has_assessments", panel.from_peers(late))


def _work_handed_in(panel: Panel) -> Column:
    return panel.where("has_assessments", panel.in_spreads(panel["handed_in_count"], least=0.2))


def _score_level(panel: Panel) -> Column:
    weeks = panel["scored_weeks_sum"]
    marks = panel["score_pct_weeks_beside_peers_sum"] / np.where(weeks > 0, weeks + _PEERS_WEEKS, np.nan)
    return panel.where("has_assessments", panel.in_spreads(marks, least=20))


def _hand_in_lead(panel: Panel) -> Column:
    lead = share(panel["lead_days_beside_peers_sum"], panel["handed_in_of_due_count"])
    return panel.where("has_assessments", panel.rank(lead))


def _other_marks(panel: Panel) -> Column:
    return share(panel["other_score_pct_sum"], panel["other_scored_count"])


def _other_lost(panel: Panel) -> Column:
    return np.minimum(panel["other_dropped_out_count"] + panel["other_failed_count"], 2)


def _other_running(panel: Panel) -> Column:
    return np.minimum(panel["other_running_count"], 2)


def _start_season(panel: Panel) -> Column:
    return np.where(panel.start_month() > 6, 1.0, 0.0)


def _earlier_attempts(panel: Panel) -> Column:
    return np.minimum(panel["prior_attempts_count"], 3)


def _education_level(panel: Panel) -> Column:
    return panel["education_isced"]


def _education_short(panel: Panel) -> Column:
    level = panel["education_isced"]
    return np.where(np.isnan(level), np.nan, level < 3)


def _study_load(panel: Panel) -> Column:
    return np.log(np.clip(panel["credits_studied"], 30, 300) / 60)


def _enrolment_lead(panel: Panel) -> Column:
    return np.log1p(np.clip(panel["enrolled_lead_days"], 0, 200))


def _feature(
    derive: Callable[[Panel], Column],
    formula: str,
    sources: str,
    family: Family,
    sign: Literal[-1, 0, 1],
    topic: str,
) -> Feature:
    return Feature(
        name=derive.__name__.removeprefix("_"),
        formula=formula,
        sources=tuple(sources.split()),
        family=family,
        sign=sign,
        is_changeable=topic != "fixed",
        topic=topic,
        derive=derive,
    )


FEATURES: tuple[Feature, ...] = (
    _feature(
        _absence_recent,
        "share of half-days missed in the last four weeks, in spreads from the cohort",
        "planned_half_days_count_4w attended_half_days_count_4w",
        "attendance",
        1,
        "absence",
    ),
    _feature(
        _absence_trend,
        "share of half-days missed in the last four weeks less that before, in spreads from the cohort",
        "planned_half_days_count planned_half_days_count_4w attended_half_days_count attended_half_days_count_4w",
        "attendance",
        1,
        "absence",
    ),
    _feature(
        _absence_unexcused,
        "share of half-days missed without an excuse, in spreads from the cohort",
        "unexcused_count planned_half_days_count",
        "attendance",
        1,
        "absence",
    ),
    _feature(
        _lateness_recent,
        "share of half-days late in the last four weeks, in spreads from the cohort",
        "late_count_4w planned_half_days_count_4w",
        "attendance",
        1,
        "lateness",
    ),
    _feature(
        _activity_recent,
        "square root of active days in the last four weeks, less the cohort's mean",
        "active_days_count_4w",
        "activity",
        -1,
        "activity",
    ),
    _feature(
        _activity_last_week,
        "share of last week's days active, less the cohort's mean",
        "active_days_count_1w",
        "activity",
        -1,
        "activity",
    ),
    _feature(
        _activity_before_start,
        "log of one plus active days before the start, less the cohort's mean",
        "pre_start_active_days_count",
        "activity",
        -1,
        "fixed",
    ),
    _feature(
        _work_missing,
        "share of due assignments not handed in, in spreads from the cohort",
        "handed_in_of_due_count due_count",
        "assessments",
        1,
        "handing in",
    ),
    _feature(
        _work_late,
        "late assignments per assignment due, of those who handed any in, less the cohort's mean",
        "late_hand_in_count handed_in_count due_count",
        "assessments",
        1,
        "late work",
    ),
    _feature(
        _work_handed_in,
        "assignments handed in, in spreads from the cohort",
        "handed_in_count",
        "assessments",
        -1,
        "handing in",
    ),
    _feature(
        _score_level,
        "average of marks less the cohort's for the same work, each weighing as many weeks as the training had lasted, "
        "and two weeks of the cohort's; in spreads from the cohort, one below 20 counting as 20",
        "score_pct_weeks_beside_peers_sum scored_weeks_sum score_pct_sum scored_count",
        "assessments",
        -1,
        "marks",
    ),
    _feature(
        _hand_in_lead,
        "place in the cohort by average days from hand-in to due date less the cohort's for the same work, -0.5 to 0.5",
        "lead_days_beside_peers_sum handed_in_of_due_count",
        "assessments",
        -1,
        "fixed",
    ),
    _feature(
        _other_marks,
        "average mark in other enrolments of the learner, earlier or at the same time",
        "other_score_pct_sum other_scored_count",
        "entry",
        -1,
        "fixed",
    ),
    _feature(
        _other_lost,
        "other enrolments dropped or failed, at most 2",
        "other_dropped_out_count other_failed_count",
        "entry",
        1,
        "fixed",
    ),
    _feature(
        _other_running, "other enrolments not ended, at most 2", "other_running_count", "entry", 1, "fixed"
    ),
    _feature(
        _start_season,
        "1 when the cohort started in the second half of the year",
        "as_of_date week_of_training",
        "entry",
        0,
        "fixed",
    ),
    _feature(
        _education_level, "level of education at entry (ISCED)", "education_isced", "entry", -1, "fixed"
    ),
    _feature(
        _education_short,
        "1 when the level of education at entry is below upper secondary",
        "education_isced",
        "entry",
        1,
        "fixed",
    ),
    _feature(_earlier_attempts, "earlier attempts, at most 3", "prior_attempts_count", "entry", 1, "fixed"),
    _feature(
        _study_load, "log of credits over 60, between 30 and 300", "credits_studied", "entry", 1, "fixed"
    ),
    _feature(
        _enrolment_lead,
        "log of one plus days between enrolment and start, at most 200",
        "enrolled_lead_days",
        "entry",
        -1,
        "fixed",
    ),
)
FEATURE_NAMES = tuple(feature.name for feature in FEATURES)
BY_NAME = {feature.name: feature for feature in FEATURES}


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """Features of every row of a panel.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of ``fct_enrolment_week``: whole cohorts, because learners are compared with their peers.

    Returns
    -------
    pandas.DataFrame
        Same index, one float column per feature, NaN where unknown.

    Raises
    ------
    ValueError
        The frame carries a protected attribute.
    """
    refuse_protected(frame.columns)
    panel = Panel(frame)
    return pd.DataFrame({feature.name: feature.derive(panel) for feature in FEATURES}, index=frame.index)
