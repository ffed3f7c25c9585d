"""The school that the model's tests learn from."""

from __future__ import annotations

import pytest

from habit_school import School, make_school


@pytest.fixture(scope="session")
def school() -> School:
    """Three hundred and twenty learners in eight cohorts, whose habits matter."""
    return make_school()
