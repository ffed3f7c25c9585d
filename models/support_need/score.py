"""Scores of one Monday: the probability of the bad outcome, and why."""

from __future__ import annotations

import numpy as np
import pandas as pd

from support_need.explain import REASON_COLUMNS, STRENGTH_COLUMN, reasons
from support_need.pipeline import FittedModel, FittedTarget, prepare
from support_need.rule import RULE_IS_BLIND
from support_need.uncertainty import bands, listed_share

NO_FACTS_YET, OBJECTION = "no_facts_yet", "objection"
SCORE_COLUMNS = (
    "enrolment_id",
    "as_of_date",
    "target",
    "model_version",
    "score_probability",
    "probability_low",
    "probability_high",
    "listed_share",
    "basis",
    *REASON_COLUMNS,
    STRENGTH_COLUMN,
    "not_scored_reason",
)


def score(
    fitted: FittedModel,
    frame: pd.DataFrame,
    *,
    model_version: str,
    owner: pd.Series | None = None,
    capacity: int = 0,
) -> pd.DataFrame:
    """Score every learner who is still there.

    Parameters
    ----------
    fitted : FittedModel
        The model in force.
    frame : pandas.DataFrame
        Rows of ``fct_enrolment_week`` of one Monday or more; whole cohorts, because learners are compared. Where
        ``has_profiling_objection`` is there and true, the learner objects to being scored, and is not.
    model_version : str
        Written beside each score.
    owner : pandas.Series, optional
        Index enrolment_id: whose list it would be on; without it nobody's share of lists is known.
    capacity : int
        How many names an owner has hours for.

    Returns
    -------
    pandas.DataFrame
        One row per active enrolment, Monday and target, in the columns of a score file, sorted by its key.
        ``score_probability`` is NaN where ``not_scored_reason`` says why: unknown is never zero.
    """
    rows = prepare(frame)
    parts = [_one_target(target, one, rows, owner, capacity) for target, one in fitted.by_target.items()]
    scores = pd.concat(parts, ignore_index=True).assign(model_version=model_version)
    scores = _without_objectors(scores, frame)
    return scores[list(SCORE_COLUMNS)].sort_values(
        ["target", "as_of_date", "enrolment_id"], ignore_index=True
    )


def _without_objectors(scores: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """The same scores, with nothing but the reason for the silence left of whoever objects to being scored."""
    if "has_profiling_objection" not in frame:
        return scores
    objecting = frame.loc[frame["has_profiling_objection"].fillna(False).astype(bool), "enrolment_id"]
    silent = scores["enrolment_id"].isin(objecting.astype(str))
    said = ["enrolment_id", "as_of_date", "target", "model_version", "basis", "not_scored_reason"]
    kept = scores.where(~silent, scores[said])
    return kept.assign(not_scored_reason=kept["not_scored_reason"].mask(silent, OBJECTION))


def _one_target(
    target: str, fitted: FittedTarget, rows: pd.DataFrame, owner: pd.Series | None, capacity: int
) -> pd.DataFrame:
    blind = rows[RULE_IS_BLIND].to_numpy(dtype=bool) & (fitted.basis == "plain_rule")
    low, high = bands(fitted, rows)
    owner = pd.Series(dtype="str") if owner is None else owner
    share = listed_share(fitted, rows, owner=owner, capacity=capacity)
    told = reasons(fitted, rows)
    told.loc[blind, :] = None
    return pd.DataFrame(
        {
            "enrolment_id": rows["enrolment_id"].astype(str),
            "as_of_date": rows["as_of_date"].dt.date,
            "target": target,
            "score_probability": np.where(blind, np.nan, fitted.probability(rows)),
            "probability_low": np.where(blind, np.nan, low),
            "probability_high": np.where(blind, np.nan, high),
            "listed_share": np.where(blind, np.nan, share),
            "basis": fitted.basis,
            "not_scored_reason": pd.Series(NO_FACTS_YET, index=rows.index, dtype="str").where(blind),
        }
    ).join(told)
