"""What is predicted, and from when on an outcome may be learned from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from support_need.spec import MATURE_SHARE

COMPLETES, PLACED = "completes", "placed"
#: Target to what a high score means.
BAD_OUTCOME = {
    COMPLETES: "leaves without completing the training",
    "obtains_internship": "ends the training without an internship",
    PLACED: "leaves too early to be placed as the promise counts, or has no work within the horizon",
}


def known_labels(targets: pd.DataFrame, target: str) -> pd.DataFrame:
    """Decided outcomes of one target.

    Parameters
    ----------
    targets : pandas.DataFrame
        Rows of ``fct_enrolment_target``.
    target : str
        ``completes``, ``obtains_internship`` or ``placed``.

    Returns
    -------
    pandas.DataFrame
        One row per enrolment_id: ``is_bad`` 0.0 or 1.0 and ``known_at``.

    Raises
    ------
    ValueError
        No such target, or one enrolment twice.
    """
    if target not in BAD_OUTCOME:
        raise ValueError(
            f"unknown target '{target}'; allowed: {', '.join(BAD_OUTCOME)}; fix: [model] in school.toml"
        )
    chosen = targets[(targets["target"] == target) & targets["is_mature"].fillna(False).astype(bool)]
    chosen = chosen[chosen["is_positive"].notna() & chosen["known_at"].notna()]
    twice = chosen["enrolment_id"].duplicated()
    if twice.any():
        raise ValueError(
            f"{int(twice.sum())} enrolments have two outcomes for '{target}' in fct_enrolment_target"
        )
    return pd.DataFrame(
        {
            "is_bad": 1.0 - chosen["is_positive"].astype(float).to_numpy(),
            "known_at": pd.to_datetime(chosen["known_at"]).to_numpy(),
        },
        index=pd.Index(chosen["enrolment_id"].astype(str), name="enrolment_id"),
    )


def cohort_calendar(rows: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """When each cohort started and when its outcomes were known.

    A cohort is learned from whole or not at all: those who leave early are known first, and would make
    every running cohort look bad.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the panel, as ``pipeline.prepare`` gives them.
    labels : pandas.DataFrame
        As ``known_labels`` gives them.

    Returns
    -------
    pandas.DataFrame
        One row per cohort_id: ``start_date``, ``mature_at`` (NaT: not yet), ``learnable_at``, from when on it may be
        learned from (when it is mature), and ``enrolments_count``.
    """
    enrolments = rows.drop_duplicates("enrolment_id")[["enrolment_id", "cohort_id", "start_date"]]
    known_at = labels["known_at"].reindex(enrolments["enrolment_id"].astype(str)).to_numpy()
    by_cohort = enrolments.assign(known_at=known_at).sort_values("known_at", na_position="last")
    grouped = by_cohort.groupby("cohort_id", observed=True)
    count = grouped["enrolment_id"].size()
    position = grouped.cumcount()
    decisive = position == grouped["enrolment_id"].transform("size").mul(MATURE_SHARE).pipe(np.ceil) - 1
    mature_at = by_cohort[decisive].set_index("cohort_id")["known_at"].reindex(count.index)
    return pd.DataFrame(
        {
            "start_date": grouped["start_date"].min(),
            "mature_at": mature_at,
            "learnable_at": mature_at,
            "enrolments_count": count,
        }
    )
