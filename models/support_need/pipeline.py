"""From panel to prepared rows, and from a model per stage to a probability per row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from support_need import rule
from support_need.candidates import FIT
from support_need.effects import Additive
from support_need.features import derive
from support_need.refusals import evidence_of_model, evidence_of_rule, hearing, refusals
from support_need.spec import CANDIDATES, PLAIN_RULE, STAGE_STARTS
from support_need.splits import stage_of

_KEYS = ["enrolment_id", "learner_id", "cohort_id", "training_id", "campus"]


def prepare(panel: pd.DataFrame) -> pd.DataFrame:
    """Rows of the learners who are still there, with features and points of the rule.

    Parameters
    ----------
    panel : pandas.DataFrame
        Rows of ``fct_enrolment_week``, whole cohorts.

    Returns
    -------
    pandas.DataFrame
        One row per active enrolment and Monday: its keys, ``as_of_date``, ``start_date``,
        ``week_of_training``, ``stage``, the features, and what ``rule.apply`` and ``refusals.hearing`` give.
    """
    # One order, so that sums over peers are the same to the last bit however the rows arrive.
    panel = panel.sort_values(["enrolment_id", "as_of_date"], ignore_index=True)
    week = panel["week_of_training"].astype(int)
    as_of_date = pd.to_datetime(panel["as_of_date"])
    rows = (
        panel[_KEYS]
        .astype("category")
        .assign(
            as_of_date=as_of_date,
            start_date=as_of_date - pd.to_timedelta(7 * week, unit="D"),
            week_of_training=week,
            stage=stage_of(week.to_numpy(), STAGE_STARTS),
        )
    )
    rows = rows.join(derive(panel)).join(rule.apply(panel)).join(hearing(panel))
    return rows[panel["is_active"].to_numpy(dtype=bool)].reset_index(drop=True)


def label(rows: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Keep the prepared rows whose outcome is known, or whose months count, with ``is_bad`` and ``known_at``."""
    found = labels.reindex(rows["enrolment_id"].astype(str))
    cases = rows.assign(is_bad=found["is_bad"].to_numpy(), known_at=found["known_at"].to_numpy())
    return cases[cases["clock_start" if "clock_start" in cases else "is_bad"].notna()]


@dataclass(frozen=True)
class FittedTarget:
    """The shipped candidate of one target: one sum of effects per stage of the training.

    Attributes
    ----------
    candidate : str
        Which of ``spec.CANDIDATES``.
    stages : dict
        Stage to its model; empty when the rule ranks without any history.
    why : str
        Why the plain rule ranks, or an empty text.
    refits : tuple of FittedTarget
        What is chosen and fitted on other draws of the cohorts: how sure a score is.
    """

    candidate: str
    stages: Mapping[int, Additive]
    why: str = ""
    refits: tuple[FittedTarget, ...] = ()

    @property
    def basis(self) -> str:
        """``model`` or ``plain_rule``."""
        return "plain_rule" if self.candidate == PLAIN_RULE else "model"

    def probability(self, rows: pd.DataFrame) -> np.ndarray:
        """Probability of the bad outcome; without any history, the share of the rule's points."""
        if not self.stages:
            return rows[rule.RULE_POINTS].to_numpy(dtype=float) / rule.MOST_POINTS
        result = np.zeros(len(rows))
        for stage, chosen in self._by_stage(rows):
            result[chosen] = self.stages[stage].probability(rows[chosen])
        return result

    def contributions(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Terms of the sum of each row, nought where its stage does not use an effect."""
        parts = [self.stages[stage].contributions(rows[chosen]) for stage, chosen in self._by_stage(rows)]
        return pd.concat(parts).reindex(rows.index).fillna(0.0) if parts else pd.DataFrame(index=rows.index)

    def refusals(self, rows: pd.DataFrame) -> pd.Series:
        """Why each row gets no score, as ``refusals.refusals`` says; null where it gets one."""
        is_rule = self.basis == "plain_rule"
        evidence = evidence_of_rule(rows)
        for stage, chosen in () if is_rule else self._by_stage(rows):
            for family, weight in evidence_of_model(self.stages[stage]).items():
                evidence.loc[chosen, family] = weight
        return refusals(rows, evidence, is_rule=is_rule)

    def _by_stage(self, rows: pd.DataFrame) -> list[tuple[int, np.ndarray]]:
        fitted = np.array(sorted(self.stages))
        if not len(fitted):
            return []
        nearest = np.maximum(np.searchsorted(fitted, rows["stage"].to_numpy(), side="right") - 1, 0)
        return [(int(fitted[place]), nearest == place) for place in np.unique(nearest)]

    def moved(self, by: float) -> FittedTarget:
        """The same candidate with the level of every stage moved, as ``recalibrate`` says."""
        stages = {stage: model.moved(by) for stage, model in self.stages.items()}
        return replace(self, stages=stages, refits=tuple(refit.moved(by) for refit in self.refits))

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        stages = {str(stage): model.as_dict() for stage, model in self.stages.items()}
        refits = [refit.as_dict() for refit in self.refits]
        return {"candidate": self.candidate, "why": self.why, "stages": stages, "refits": refits}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> FittedTarget:
        """Rebuild from plain values."""
        if plain["candidate"] not in CANDIDATES:
            raise ValueError(
                f"unknown candidate '{plain['candidate']}' in a stored model; allowed: {', '.join(CANDIDATES)}"
            )
        stages = {int(stage): Additive.from_dict(model) for stage, model in plain["stages"].items()}
        refits = tuple(cls.from_dict(refit) for refit in plain.get("refits", ()))
        return cls(candidate=plain["candidate"], stages=stages, why=plain["why"], refits=refits)


@dataclass(frozen=True)
class FittedModel:
    """One shipped candidate per target: what a registry stores and ``score`` needs.

    Attributes
    ----------
    by_target : dict
        Target to its shipped candidate.
    ranked_by : str
        Target whose score orders the list.
    """

    by_target: Mapping[str, FittedTarget]
    ranked_by: str

    @property
    def basis(self) -> str:
        """What orders the list: ``model`` or ``plain_rule``."""
        return self.by_target[self.ranked_by].basis

    @property
    def why(self) -> str:
        """Why the plain rule orders the list, or an empty text."""
        return self.by_target[self.ranked_by].why

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON: the whole model, and nothing about any learner."""
        targets = {target: fitted.as_dict() for target, fitted in self.by_target.items()}
        return {"ranked_by": self.ranked_by, "targets": targets}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> FittedModel:
        """Rebuild from plain values; the inverse of ``as_dict``, also after a trip through JSON."""
        targets = {target: FittedTarget.from_dict(fitted) for target, fitted in plain["targets"].items()}
        return cls(by_target=targets, ranked_by=plain["ranked_by"])


def plain_rule_model(targets: Iterable[str], *, ranked_by: str) -> FittedModel:
    """Give the plain rule without any history: what ranks while no model may."""
    waits = FittedTarget(candidate=PLAIN_RULE, stages={}, why="the first model waits for a person")
    return FittedModel(by_target=dict.fromkeys(targets, waits), ranked_by=ranked_by)


def fit(candidate: str, cases: pd.DataFrame) -> FittedTarget:
    """Fit one candidate on every stage of the training that has both outcomes."""
    stages = {
        stage: FIT[candidate](group)
        for stage in sorted(set(cases["stage"].tolist()))
        if (group := cases[cases["stage"] == stage])["is_bad"].nunique() == 2
    }
    return FittedTarget(candidate=candidate, stages=stages)
