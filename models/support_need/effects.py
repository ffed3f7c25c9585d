"""A model as plain numbers: a sum of effects, each of one input, that anybody can add up again.

Every candidate ends in this form, so that a reason is a term of the sum itself, and a stored model is JSON.

Worked example: intercept -1.0, the environment's rate .27 (logit -1.0, taken as it is), one linear effect of
weight 0.5 on an input of mean 2 and spread 4. An input of 6 contributes 0.5 x (6 - 2) / 4 = 0.5, so the
logit is -1.0 - 1.0 + 0.5 = -1.5 and the probability .18.

An outcome that takes months has one such sum too: the logit of getting through any month with the bad outcome still to
come, and per month how far it lies from the sum. The probability is the product over the months: it rises with the
sum, so the sum ranks, and its terms are the reasons.

Worked example: a sum of 1.4 and two months, 0.6 and 0.0. No work in the first: expit(2.0) = .88, nor in the second:
expit(1.4) = .80, so the probability of no work at all is .88 x .80 = .71.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, log_expit

from support_need.environment import Environment

ENVIRONMENT_LOGIT = "environment"


#: An input further from the mean than this many spreads counts as this far: no odd record rules the sum.
MOST_SPREADS = 4.0


@dataclass(frozen=True)
class Linear:
    """A weight on the distance from the mean in spreads, bounded; an unknown input contributes nothing."""

    mean: float
    spread: float
    weight: float

    def contribution(self, values: np.ndarray) -> np.ndarray:
        """Term of the sum, per row."""
        distance = np.clip((values - self.mean) / self.spread, -MOST_SPREADS, MOST_SPREADS)
        return np.where(np.isnan(values), 0.0, self.weight * distance)


@dataclass(frozen=True)
class Itself:
    """The input as it is, a logit."""

    def contribution(self, values: np.ndarray) -> np.ndarray:
        """Term of the sum, per row."""
        return values


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


Effect = Linear | Itself | Steps
_KINDS: dict[str, type[Linear | Itself | Steps]] = {"linear": Linear, "itself": Itself, "steps": Steps}


@dataclass(frozen=True)
class Additive:
    """Logit of the bad outcome = intercept + sum of effects, or that of each month where it takes months.

    Attributes
    ----------
    intercept : float
        Logit when every effect is nought.
    effects : dict
        Input to effect; the input ``environment`` is the environment's logit.
    environment : Environment or None
        None when the model does not look at it.
    months : tuple of float
        Per month, what is added to the sum; empty: one logit, at once.
    level : float
        Added to the logit of the probability.
    """

    intercept: float
    effects: Mapping[str, Effect]
    environment: Environment | None = None
    months: tuple[float, ...] = ()
    level: float = 0.0

    def contributions(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Terms of the sum: same index as the rows, one column per effect."""
        inputs = {
            name: rows[name].to_numpy(dtype=float) for name in self.effects if name != ENVIRONMENT_LOGIT
        }
        if self.environment is not None:
            inputs[ENVIRONMENT_LOGIT] = self.environment.logits(rows)
        terms = {name: effect.contribution(inputs[name]) for name, effect in self.effects.items()}
        return pd.DataFrame(terms, index=rows.index)

    def probability(self, rows: pd.DataFrame) -> np.ndarray:
        """Probability of the bad outcome, per row."""
        total = self.sums(rows)
        if self.months:
            bad = log_expit(total[:, None] + np.asarray(self.months)).sum(axis=1)
            total = bad - np.log(-np.expm1(bad))
        return expit(total + self.level)

    def sums(self, rows: pd.DataFrame) -> np.ndarray:
        """The intercept and the terms added up, per row."""
        return self.intercept + self.contributions(rows).to_numpy().sum(axis=1)

    def moved(self, by: float) -> Additive:
        """The same sum with the logit of its probability moved: every contribution stays as it is."""
        return replace(self, level=self.level + by)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return {
            "intercept": self.intercept,
            "months": list(self.months),
            "level": self.level,
            "environment": None if self.environment is None else asdict(self.environment),
            "effects": {
                name: {"kind": type(effect).__name__.lower()} | asdict(effect)
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
            months=_numbers(list(plain.get("months", ()))),
            level=float(plain.get("level", 0.0)),
        )


def _effect(plain: Mapping[str, Any]) -> Effect:
    kind = plain["kind"]
    if kind not in _KINDS:
        raise ValueError(f"unknown effect '{kind}' in a stored model; allowed: {', '.join(_KINDS)}")
    return _KINDS[kind](**{name: _numbers(value) for name, value in plain.items() if name != "kind"})


def _numbers(value: Any) -> Any:
    """A number, or a tuple of them; a stored model holds nothing else."""
    if isinstance(value, list):
        return tuple(_numbers(one) for one in value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"a {type(value).__name__} in an effect of a stored model; allowed: numbers")
    return value
