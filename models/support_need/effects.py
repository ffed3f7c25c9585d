"""A model as plain numbers: a sum of effects, each of one input, that anybody can add up again.

Every candidate ends in this form, so that a reason is a term of the sum itself, and a stored model is JSON.

Worked example: intercept -1.0, the environment's rate .27 (logit -1.0, taken as it is), one linear effect of
weight 0.5 on an input of mean 2 and spread 4. An input of 6 contributes 0.5 x (6 - 2) / 4 = 0.5, so the
logit is -1.0 - 1.0 + 0.5 = -1.5 and the probability .18.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

ENVIRONMENT_LOGIT = "environment"


@dataclass(frozen=True)
class Linear:
    """A weight on the distance from the mean in spreads; an unknown input contributes nothing."""

    mean: float
    spread: float
    weight: float

    def contribution(self, values: np.ndarray) -> np.ndarray:
        """Term of the sum, per row."""
        return np.where(np.isnan(values), 0.0, self.weight * (values - self.mean) / self.spread)


@dataclass(frozen=True)
class Steps:
    """A value between each pair of edges, and one for an unknown input."""

    edges: tuple[float, ...]
    values: tuple[float, ...]
    unknown: float

    def contribution(self, values: np.ndarray) -> np.ndarray:
        """Term of the sum, per row."""
        step = np.searchsorted(np.asarray(self.edges), values, side="right")
        known = np.asarray(self.values)[np.minimum(step, len(self.edges))]
        return np.where(np.isnan(values), self.unknown, known)


Effect = Linear | Steps
_KINDS: dict[str, type[Linear | Steps]] = {"linear": Linear, "steps": Steps}


@dataclass(frozen=True)
class Environment:
    """Rates of the bad outcome by training and campus: what is known of a learner by the class alone.

    A new cohort has no outcomes of its own yet; its rate is that of its training and campus.
    """

    overall: float
    trainings: Mapping[str, float]
    campuses: Mapping[str, float]
    cells: Mapping[str, float]

    def logits(self, rows: pd.DataFrame) -> np.ndarray:
        """Logit of the rate of each row's training and campus, its best known group when the pair is new."""
        training, campus = rows["training_id"].astype(str), rows["campus"].astype(str)
        fallback = training.map(self.trainings).fillna(logit(self.overall)) + campus.map(
            self.campuses
        ).fillna(0.0)
        return cell_keys(training, campus).map(self.cells).fillna(fallback).to_numpy(dtype=float)


def cell_keys(training: pd.Series, campus: pd.Series) -> pd.Series:
    """Name of a training at a campus."""
    return training + "|" + campus


@dataclass(frozen=True)
class Additive:
    """Logit of the bad outcome = intercept + sum of effects.

    Attributes
    ----------
    intercept : float
        Logit when every effect is nought.
    effects : dict
        Input to effect; the input ``environment`` is the environment's logit.
    environment : Environment or None
        None when the model does not look at it.
    """

    intercept: float
    effects: Mapping[str, Effect]
    environment: Environment | None = None

    def contributions(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Terms of the sum: same index as the rows, one column per effect."""
        inputs = {name: rows[name] for name in self.effects if name != ENVIRONMENT_LOGIT}
        if self.environment is not None:
            inputs[ENVIRONMENT_LOGIT] = self.environment.logits(rows)
        terms = {
            name: effect.contribution(np.asarray(inputs[name], dtype=float))
            for name, effect in self.effects.items()
        }
        return pd.DataFrame(terms, index=rows.index)

    def probability(self, rows: pd.DataFrame) -> np.ndarray:
        """Probability of the bad outcome, per row."""
        return expit(self.intercept + self.contributions(rows).to_numpy().sum(axis=1))

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return {
            "intercept": self.intercept,
            "environment": None if self.environment is None else asdict(self.environment),
            "effects": {
                name: {"kind": "linear" if isinstance(effect, Linear) else "steps"} | asdict(effect)
                for name, effect in self.effects.items()
            },
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Additive:
        """Rebuild from plain values; the inverse of ``as_dict``, also after a trip through JSON."""
        environment = plain["environment"]
        return cls(
            intercept=float(plain["intercept"]),
            effects={name: _effect(value) for name, value in plain["effects"].items()},
            environment=None if environment is None else Environment(**environment),
        )


def _effect(plain: Mapping[str, Any]) -> Effect:
    kind = plain["kind"]
    if kind not in _KINDS:
        raise ValueError(f"unknown effect '{kind}' in a stored model; allowed: {', '.join(_KINDS)}")
    numbers = {name: tuple(v) if isinstance(v, list) else v for name, v in plain.items() if name != "kind"}
    return _KINDS[kind](**numbers)
