"""Train every candidate on the past, judge it on later cohorts, ship the smallest that wins."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import partial

import pandas as pd

from support_need.choose import choose
from support_need.evaluate import Figures, figures_by_day, judge, labelled_cases
from support_need.pipeline import FittedModel, FittedTarget, fit, prepare
from support_need.spec import CANDIDATES, JUDGED_HALF_YEARS, PLAIN_RULE, Choices, code_fingerprint
from support_need.splits import rolling_origins
from support_need.uncertainty import refits

TOO_FEW = "{found} enrolments in mature cohorts, {needed} needed: the plain rule ranks"


@dataclass(frozen=True)
class DataSnapshot:
    """What one target was learned from: figures about the data, nothing about any learner.

    Attributes
    ----------
    digest : str
        SHA-256 of the prepared rows and outcomes, in the order of their key.
    rows_count, enrolments_count, cohorts_count : int
        How much of it.
    mature_until : str
        Day on which the last of the outcomes used became known; empty when there is none.
    bad_share : float
        Share of enrolments with the bad outcome.
    """

    digest: str
    rows_count: int
    enrolments_count: int
    cohorts_count: int
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
        Target, then candidate, then out-of-time rows, one per day; empty where nobody could be judged.
    data : dict
        Target to the snapshot of what it was learned from.
    choices : Choices
        What the school chose.
    code : str
        Fingerprint of the code that fitted it.
    judged : dict
        Target to what the shipped candidate said of later cohorts: ``enrolment_id``, ``cohort_id``, ``day``,
        ``is_bad``, ``probability``.
    """

    model: FittedModel
    figures: dict[str, dict[str, list[Figures]]]
    data: dict[str, DataSnapshot]
    choices: Choices
    code: str
    judged: dict[str, pd.DataFrame] = field(default_factory=dict, compare=False, repr=False)

    def digest(self) -> str:
        """Digest of data, choices and code: equal for the same training, wherever and whenever it runs."""
        parts = [self.code, repr(sorted(self.choices.as_dict().items()))]
        parts += [f"{target}:{snapshot.digest}" for target, snapshot in sorted(self.data.items())]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def train(panel: pd.DataFrame, targets: pd.DataFrame, *, choices: Choices) -> Training:
    """Train and judge for every target of the school.

    Parameters
    ----------
    panel : pandas.DataFrame
        All of ``fct_enrolment_week`` as of the Monday.
    targets : pandas.DataFrame
        All of ``fct_enrolment_target``.
    choices : Choices
        What the school chose.

    Returns
    -------
    Training
        With too little history the plain rule ranks, and ``model.by_target[...].why`` says so: no exception.
    """
    rows = prepare(panel[pd.to_datetime(panel["as_of_date"]) <= pd.Timestamp(choices.as_of)])
    results = {
        target: _train_one(rows, targets, target=target, choices=choices) for target in choices.targets
    }
    return Training(
        model=FittedModel(
            by_target={target: result[0] for target, result in results.items()}, ranked_by=choices.ranked_by
        ),
        figures={target: result[1] for target, result in results.items()},
        data={target: result[2] for target, result in results.items()},
        choices=choices,
        code=code_fingerprint(),
        judged={target: result[3] for target, result in results.items()},
    )


def _train_one(
    rows: pd.DataFrame, targets: pd.DataFrame, *, target: str, choices: Choices
) -> tuple[FittedTarget, dict[str, list[Figures]], DataSnapshot, pd.DataFrame]:
    cases, calendar = labelled_cases(rows, targets, target=target)
    monday = pd.Timestamp(choices.as_of)
    mature = calendar.index[calendar["mature_at"] < monday]
    learned = cases[cases["cohort_id"].isin(mature) & (cases["known_at"] < monday)]
    snapshot = _snapshot(learned)
    if snapshot.enrolments_count < choices.min_mature_enrolments:
        why = TOO_FEW.format(found=snapshot.enrolments_count, needed=choices.min_mature_enrolments)
        return (
            FittedTarget(candidate=PLAIN_RULE, stages={}, why=why),
            {},
            snapshot,
            _said(judge(cases, []), PLAIN_RULE),
        )
    judged = _judged(cases, calendar, choices)
    shipped, why = choose(judged)
    fitted = fit(shipped, learned)
    again = refits(shipped, learned) if target == choices.ranked_by else ()
    figures = {name: figures_by_day(judged, name, choices.days) for name in CANDIDATES} if len(judged) else {}
    return (
        FittedTarget(candidate=shipped, stages=fitted.stages, why=why, refits=again),
        figures,
        snapshot,
        _said(judged, shipped),
    )


def _said(judged: pd.DataFrame, candidate: str) -> pd.DataFrame:
    return judged[["enrolment_id", "cohort_id", "day", "is_bad"]].assign(probability=judged[candidate])


def _judged(cases: pd.DataFrame, calendar: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    origins = partial(
        rolling_origins,
        calendar,
        known_before=choices.as_of,
        fewest_enrolments=choices.min_mature_enrolments,
    )
    splits = [split for day in choices.days for split in origins(day=day)[-JUDGED_HALF_YEARS:]]
    return judge(cases, splits)


def _snapshot(learned: pd.DataFrame) -> DataSnapshot:
    once = learned.drop_duplicates("enrolment_id")
    ordered = learned.sort_values(["enrolment_id", "as_of_date"])
    plain = ordered.astype(dict.fromkeys(ordered.select_dtypes("category").columns, "str"))
    digest = hashlib.sha256(pd.util.hash_pandas_object(plain, index=False).to_numpy().tobytes())
    return DataSnapshot(
        digest=digest.hexdigest(),
        rows_count=len(learned),
        enrolments_count=len(once),
        cohorts_count=int(once["cohort_id"].nunique()),
        mature_until=str(learned["known_at"].max().date()) if len(learned) else "",
        bad_share=float(once["is_bad"].mean()) if len(once) else 0.0,
    )
