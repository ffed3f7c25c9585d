"""Fixtures of the tests that run several parts together."""

from browser import browser  # noqa: F401 - a fixture
from demo_week import demo_week  # noqa: F401 - a fixture
