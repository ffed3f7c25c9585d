"""Schools that several tests look at: the demo school, a small one, and one to measure rates on."""

from __future__ import annotations

import pytest

from passerelle.demo_school import DemoSchool, World, load_config, simulate


@pytest.fixture(scope="session")
def config() -> DemoSchool:
    return load_config("ai_school")


@pytest.fixture(scope="session")
def demo_world(config: DemoSchool) -> World:
    return simulate(config)


@pytest.fixture(scope="session")
def small_world(config: DemoSchool) -> World:
    return simulate(config, learners=500)


@pytest.fixture(scope="session")
def large_world(config: DemoSchool) -> World:
    return simulate(config, learners=6000)
