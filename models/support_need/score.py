"""Scores of one Monday: the probability of the bad outcome, and why."""

from __future__ import annotations

import numpy as np
import pandas as pd

from support_need.explain import REASON_COLUMNS, STRENGTH_COLUMN, reasons
from support_need.pipeline import FittedModel, FittedTarget, prepare
from support_need.uncertainty import bands, listed_share, said_in_draws

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
        Index enrolment_id: whose list it can be on; who is not among them is on none. Without it nobody's share of
        lists is known.
    capacity : int
        How many names an owner has hours for.

    Returns
    -------
    pandas.DataFrame
        One row per active enrolment, Monday and target, in the columns of a score file, sorted by its key.
        ``score_probability`` is NaN where ``not_scored_reason`` says why (``refusals.REASONS``): unknown is never zero.
    """
    rows = prepare(frame)
    parts = [_one_target(target, one, rows, owner, capacity) for target, one in fitted.by_target.items()]
    scores = pd.concat(parts, ignore_index=True).assign(model_version=model_version)
    return scores[list(SCORE_COLUMNS)].sort_values(
        ["target", "as_of_date", "enrolment_id"], ignore_index=True
    )


def _one_target(
    target: str, fitted: FittedTarget, rows: pd.DataFrame, owner: pd.Series | None, capacity: int
) -> pd.DataFrame:
    refused = fitted.refusals(rows)
    silent = refused.notna().to_numpy()
    own, others = fitted.probability(rows), said_in_draws(fitted, rows)
    low, high = bands(others, own)
    told = reasons(fitted, rows)
    told.loc[silent, :] = None
    share = np.full(len(rows), np.nan)
    if owner is not None and fitted.refits:
        named = _may_be_named(rows, told, owner)
        share[~silent] = 0.0
        share[named] = listed_share(others[:, named], rows[named], owner=owner, capacity=capacity)
    return pd.DataFrame(
        {
            "enrolment_id": rows["enrolment_id"].astype(str),
            "as_of_date": rows["as_of_date"].dt.date,
            "target": target,
            "score_probability": np.where(silent, np.nan, own),
            "probability_low": np.where(silent, np.nan, low),
            "probability_high": np.where(silent, np.nan, high),
            "listed_share": share,
            "basis": fitted.basis,
            "not_scored_reason": refused,
        }
    ).join(told)


def _may_be_named(rows: pd.DataFrame, told: pd.DataFrame, owner: pd.Series) -> np.ndarray:
    """Tell who may be on a list at all, whatever a draw says: a name needs a reason, and an owner."""
    has_owner = rows["enrolment_id"].astype(str).isin(owner.index)
    return (has_owner & told[REASON_COLUMNS[0]].notna()).to_numpy()
