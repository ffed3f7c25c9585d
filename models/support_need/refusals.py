"""Whom the model does not score, and why: a guess is worse than a silence that says what is missing.

Everything is judged by what the panel knew on the Monday. Three families of facts may reach us of a learner:
attendance, activity, assessments. What the model weighs of a family that does not reach us is silent; when more than
half of its evidence is, it does not score. What everybody has from the start (level of education, season) is no
evidence here: a score from it alone would be the guess that this module refuses.

Worked example: a model weighs attendance .5, activity .2, assessments .2. The attendance of a campus is older than the
school allows: .5 of .9 is silent for all of its classes, so nobody there is scored: ``source_stale``. Where it is
silent for one learner only: ``too_much_missing``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from support_need.effects import Additive, Linear, Steps
from support_need.features import BY_NAME, FEATURES
from support_need.peers import Panel
from support_need.rule import POINTS_BY_FAMILY, RULE_IS_BLIND

OBJECTION, TOO_NEW, SOURCE_STALE, TOO_MUCH_MISSING = (
    "objection",
    "too_new",
    "source_stale",
    "too_much_missing",
)
#: From the reason that outweighs all others to the least.
REASONS = (OBJECTION, TOO_NEW, SOURCE_STALE, TOO_MUCH_MISSING)
#: Who has been there for less has had no week that could be looked at.
FEWEST_DAYS = 7
#: More of the evidence silent than this, and the rest is no ground for a score.
MOST_SILENT_SHARE = 0.5
FAMILIES = ("attendance", "activity", "assessments")
#: The kind of fact whose arrival tells whether a family reaches us.
FAMILY_OF = {"attendance": "attendance", "activity_days": "activity", "assessment_results": "assessments"}


def without_stale(frame: pd.DataFrame, stale: pd.DataFrame) -> pd.DataFrame:
    """The panel without what is too old to be judged: unknown, as if it had never come.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of ``fct_enrolment_week`` of one Monday.
    stale : pandas.DataFrame
        Rows of ``mart_source_freshness`` that are stale: ``entity`` and ``campus``.
    """
    frame = frame.copy()
    campus = frame["campus"].astype("object").fillna("unknown")
    for entity, family in FAMILY_OF.items():
        is_old = campus.isin(stale.loc[stale["entity"] == entity, "campus"])
        if is_old.any():
            counts = sorted({name for each in FEATURES if each.family == family for name in each.sources})
            frame[counts] = frame[counts].mask(is_old)
            frame[f"has_{family}"] = frame[f"has_{family}"].mask(is_old, False)
    return frame


def hearing(frame: pd.DataFrame) -> pd.DataFrame:
    """What reaches us of each learner that Monday.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of ``fct_enrolment_week``.

    Returns
    -------
    pandas.DataFrame
        Same index: ``days_there``, the days since the learner could begin; ``hears_<family>``; ``objects``.
    """
    panel = Panel(frame)
    objects = frame.get("has_profiling_objection", pd.Series(False, index=frame.index))
    joined_late = np.nan_to_num(np.minimum(panel["enrolled_lead_days"], 0))
    return pd.DataFrame(
        {
            "days_there": 7 * frame["week_of_training"].astype(int) + joined_late,
            "was_asked": (panel["planned_half_days_count"] > 0) | (panel["due_count"] > 0),
            "hears_attendance": panel["planned_half_days_count_4w"] > 0,
            "hears_activity": frame["has_activity"].fillna(False).astype(bool),
            "hears_assessments": frame["has_assessments"].fillna(False).astype(bool),
            "objects": objects.fillna(False).astype(bool),
        },
        index=frame.index,
    )


def refusals(rows: pd.DataFrame, evidence: pd.DataFrame, *, is_rule: bool) -> pd.Series:
    """Why each row gets no score.

    Parameters
    ----------
    rows : pandas.DataFrame
        As ``pipeline.prepare`` gives them, whole cohorts.
    evidence : pandas.DataFrame
        Same index, one column per family: how much the model weighs it.
    is_rule : bool
        The plain rule ranks: it needs a half-day that was planned or work that was due.

    Returns
    -------
    pandas.Series
        Same index: one of ``REASONS``; null where the learner is scored.
    """
    heard = rows[[f"hears_{family}" for family in FAMILIES]].to_numpy()
    weighed = evidence[list(FAMILIES)].to_numpy()
    total = weighed.sum(axis=1)
    silent = (weighed * ~heard).sum(axis=1) > MOST_SILENT_SHARE * total
    if is_rule:
        silent = silent | rows[RULE_IS_BLIND].to_numpy(dtype=bool)
    classes = [rows["cohort_id"].astype(str).to_numpy(), rows["as_of_date"].to_numpy()]
    whole_class = pd.Series(silent, index=rows.index).groupby(classes).transform("all").to_numpy()
    is_new = (rows["days_there"] < FEWEST_DAYS) | (silent & ~rows["was_asked"] & is_rule)
    why = np.select([rows["objects"], is_new, silent & whole_class, silent], list(REASONS), default="")
    return pd.Series(why, index=rows.index, dtype="str").replace("", None)


def evidence_of_rule(rows: pd.DataFrame) -> pd.DataFrame:
    """How much the plain rule weighs each family: its points."""
    return pd.DataFrame({family: POINTS_BY_FAMILY[family] for family in FAMILIES}, index=rows.index)


def evidence_of_model(model: Additive) -> dict[str, float]:
    """How much one sum of effects weighs each family: the weights per spread, and the heights of the steps."""
    weighed = dict.fromkeys(FAMILIES, 0.0)
    for name, effect in model.effects.items():
        family = BY_NAME[name].family if name in BY_NAME else ""
        if family not in weighed:
            continue
        if isinstance(effect, Linear):
            weighed[family] += abs(effect.weight)
        elif isinstance(effect, Steps):
            weighed[family] += max(effect.values) - min(effect.values)
    return weighed
