"""The school that the model's tests learn from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from habit_school import School, make_school
from support_need import candidates
from support_need.effects import Additive

FitBoosting = Callable[[pd.DataFrame], tuple[Additive, HistGradientBoostingClassifier, np.ndarray]]


@pytest.fixture(scope="session")
def school() -> School:
    """Three hundred and twenty learners in eight cohorts, whose habits matter."""
    return make_school()


@pytest.fixture
def fit_boosting(monkeypatch: pytest.MonkeyPatch) -> FitBoosting:
    """Fit the boosting, and keep it and what it was given beside the tables that were read out of it."""
    kept: list[tuple[HistGradientBoostingClassifier, np.ndarray]] = []
    read_out = candidates._read_out

    def keep(boosting, codes, *rest):
        kept.append((boosting, codes))
        return read_out(boosting, codes, *rest)

    monkeypatch.setattr(candidates, "_read_out", keep)
    return lambda cases: (candidates.fit_boosting(cases), *kept[-1])
