"""Train every candidate on the past, judge it on later cohorts, ship the smallest that wins."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from support_need.candidates import one_thread
from support_need.capacity import PLACES, places, tables
from support_need.evaluate import labelled_cases, with_intervals
from support_need.maturing import settled
from support_need.pipeline import FittedModel, FittedTarget, prepare
from support_need.recalibrate import recalibrated
from support_need.ship import Shipped, ship
from support_need.spec import CANDIDATES, Choices, code_fingerprint
from support_need.stability import week_to_week
from support_need.transport import leave_one_campus_out
from support_need.uncertainty import refits


@dataclass(frozen=True)
class DataSnapshot:
    """What one target was learned from: figures about the data, nothing about any learner.

    Attributes
    ----------
    digest : str
        SHA-256 of the prepared rows and outcomes, in the order of their key.
    rows_count, enrolments_count, cohorts_count : int
        How much of it.
    settled_count : int
        Enrolments whose outcome cannot change any more: all of them, but of an outcome that takes months.
    mature_until : str
        Day on which the last of the outcomes used became known; empty when there is none.
    bad_share : float
        Share of enrolments with the bad outcome, of those whose outcome cannot change any more.
    """

    digest: str
    rows_count: int
    enrolments_count: int
    cohorts_count: int
    settled_count: int
    mature_until: str
    bad_share: float


@dataclass(frozen=True)
class Training:
    """What a training found; the caller logs and saves it.

    Attributes
    ----------
    model : FittedModel
        The shipped candidate of each target.
    figures : dict
        Target, then candidate, then out-of-time rows with their ``intervals``, one per day; empty where nobody could be
        judged.
    data : dict
        Target to the snapshot of what it was learned from.
    choices : Choices
        What the school chose.
    code : str
        Fingerprint of the code that fitted it.
    judged : dict
        Target to what the shipped candidate said of later cohorts: ``enrolment_id``, ``cohort_id``, ``day``,
        ``is_bad``, ``places``, ``probability``.
    tables : dict
        Target to its tables by name, each a list of rows: who may compete, whether the level is moved, lists of the
        coaches' length, week to week, campuses never learned from.
    """

    model: FittedModel
    figures: dict[str, dict[str, list[dict[str, Any]]]]
    data: dict[str, DataSnapshot]
    choices: Choices
    code: str
    judged: dict[str, pd.DataFrame] = field(default_factory=dict, compare=False, repr=False)
    tables: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict, repr=False)

    def digest(self) -> str:
        """Digest of data, choices and code: equal for the same training, wherever and whenever it runs."""
        parts = [self.code, repr(sorted(self.choices.as_dict().items()))]
        parts += [f"{target}:{snapshot.digest}" for target, snapshot in sorted(self.data.items())]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class _Found:
    """What the training of one target found."""

    fitted: FittedTarget
    figures: dict[str, list[dict[str, Any]]]
    data: DataSnapshot
    judged: pd.DataFrame
    tables: dict[str, list[dict[str, Any]]]


@one_thread
def train(
    panel: pd.DataFrame, targets: pd.DataFrame, *, choices: Choices, owner: pd.Series | None = None
) -> Training:
    """Train and judge for every target of the school.

    Parameters
    ----------
    panel : pandas.DataFrame
        All of ``fct_enrolment_week`` as of the Monday.
    targets : pandas.DataFrame
        All of ``fct_enrolment_target``.
    choices : Choices
        What the school chose.
    owner : pandas.Series, optional
        Index enrolment_id: its coach; a cohort without one is a list of its own.

    Returns
    -------
    Training
        With too little history the plain rule ranks, and ``model.by_target[...].why`` says so: no exception.
    """
    rows = prepare(panel[pd.to_datetime(panel["as_of_date"]) <= pd.Timestamp(choices.as_of)])
    rows = rows.assign(**{PLACES: places(rows, owner=owner, capacity=choices.capacity)})
    found = {target: _train_one(rows, targets, target=target, choices=choices) for target in choices.targets}
    return Training(
        model=FittedModel(
            by_target={target: one.fitted for target, one in found.items()}, ranked_by=choices.ranked_by
        ),
        figures={target: one.figures for target, one in found.items()},
        data={target: one.data for target, one in found.items()},
        choices=choices,
        code=code_fingerprint(),
        judged={target: one.judged for target, one in found.items()},
        tables={target: one.tables for target, one in found.items()},
    )


def _train_one(rows: pd.DataFrame, targets: pd.DataFrame, *, target: str, choices: Choices) -> _Found:
    cases, calendar = labelled_cases(rows, targets, target=target, horizon_days=choices.horizon_days)
    real = ship(cases, calendar, choices=choices)
    name = real.fitted.candidate
    is_moved = real.recalibration.get("is_kept", False)
    judged = recalibrated(real.judged, calendar, name) if is_moved else real.judged
    figures = {
        one: with_intervals(judged, one, choices.days, calibrated=one == name)
        for one in (CANDIDATES if len(judged) else ())
    }
    found = {"competitors": real.competitors} | _tables(cases, real, judged, choices.days)
    again = refits(cases, calendar, choices=choices) if target == choices.ranked_by and real.splits else ()
    fitted = replace(real.fitted, refits=again)
    return _Found(fitted, figures, _snapshot(real.learned), _said(judged, name), found)


def _tables(
    cases: pd.DataFrame, real: Shipped, judged: pd.DataFrame, days: tuple[int, ...]
) -> dict[str, list[dict[str, Any]]]:
    found = {"recalibration": [real.recalibration]} if real.recalibration else {}
    if judged.empty:
        return found
    name = real.fitted.candidate
    return {
        **found,
        **tables(judged, name, CANDIDATES, days),
        "week_to_week": week_to_week(cases, real.splits, name),
        "transport": leave_one_campus_out(cases, real.splits, name),
    }


def _said(judged: pd.DataFrame, candidate: str) -> pd.DataFrame:
    kept = judged[["enrolment_id", "cohort_id", "day", "is_bad", PLACES]]
    return kept.assign(probability=judged[candidate])


def _snapshot(learned: pd.DataFrame) -> DataSnapshot:
    once, over = (each.drop_duplicates("enrolment_id") for each in (learned, settled(learned)))
    ordered = learned.sort_values(["enrolment_id", "as_of_date"])
    plain = ordered.astype(dict.fromkeys(ordered.select_dtypes("category").columns, "str"))
    digest = hashlib.sha256(pd.util.hash_pandas_object(plain, index=False).to_numpy().tobytes())
    return DataSnapshot(
        digest=digest.hexdigest(),
        rows_count=len(learned),
        enrolments_count=len(once),
        cohorts_count=int(once["cohort_id"].nunique()),
        settled_count=len(over),
        mature_until=str(learned["known_at"].max().date()) if len(learned) else "",
        bad_share=float(over["is_bad"].mean()) if len(over) else 0.0,
    )
