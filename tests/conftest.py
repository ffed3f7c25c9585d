"""Fixtures that more than one part of the tests needs."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from postgresql_server import (  # noqa: F401 - fixtures
    empty_postgresql_url,
    postgresql_programs,
    server_url,
)
from tiny_school import tiny_school  # noqa: F401 - a fixture

PROJECT_DIR = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def oulad_dir() -> Path:
    """Folder of the OULAD files: ``OULAD_DIR``, else ``../shared/data/oulad`` beside the project."""
    folder = Path(os.environ.get("OULAD_DIR") or PROJECT_DIR.parent / "shared" / "data" / "oulad")
    if not (folder / "studentInfo.csv").is_file():
        pytest.skip(
            f"OULAD tests left out: no studentInfo.csv in {folder}; download the archive from "
            "https://analyse.kmi.open.ac.uk/open_dataset and set OULAD_DIR"
        )
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly which tests were left out, and why."""
    left_out = _left_out(terminalreporter)
    if left_out:
        terminalreporter.section("left out")
    for reason, count in sorted(left_out.items()):
        terminalreporter.write_line(f"{count} left out: {reason}")
    if left_out and _no_test_may_be_left_out():
        terminalreporter.write_line(
            "this is CI (CI=true): none may be left out, so this run has failed", red=True
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run of CI that left tests out."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and _left_out(reporter) and _no_test_may_be_left_out():
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def _left_out(reporter: pytest.TerminalReporter) -> Counter[str]:
    skipped = (report.longrepr for report in reporter.stats.get("skipped", []))
    return Counter(
        str(told[2] if isinstance(told, tuple) else told).removeprefix("Skipped: ") for told in skipped
    )


def _no_test_may_be_left_out() -> bool:
    return os.environ.get("CI") == "true"
