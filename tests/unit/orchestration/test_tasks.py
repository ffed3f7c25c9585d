import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from passerelle.errors import ConfigError
from passerelle.orchestration import monday_of_run
from passerelle.school import load_school

BRUSSELS = ZoneInfo("Europe/Brussels")
NOW = dt.date(2026, 11, 23)


def monday(
    *, conf: dict[str, Any] | None = None, partition: str | None = None, scheduled: dt.datetime | None = None
) -> dt.date:
    due = scheduled or dt.datetime(2026, 10, 7, 2, tzinfo=BRUSSELS)
    return monday_of_run("ai_school", conf=conf or {}, partition_key=partition, scheduled=due)


@pytest.fixture
def live_school(monkeypatch: pytest.MonkeyPatch) -> None:
    told = load_school("ai_school").model_copy(update={"now": None})
    monkeypatch.setattr("passerelle.orchestration.tasks.load_school", lambda name: told)


def test_the_monday_asked_for_wins() -> None:
    assert monday(conf={"as_of": "2026-09-14"}, partition="2026-10-05") == dt.date(2026, 9, 14)


def test_a_partition_is_its_monday() -> None:
    assert monday(partition="2026-10-05") == dt.date(2026, 10, 5)


def test_a_night_belongs_to_the_week_it_is_in() -> None:
    assert monday(scheduled=dt.datetime(2026, 10, 11, 2, tzinfo=BRUSSELS)) == dt.date(2026, 10, 5)


def test_the_week_begins_at_midnight_in_the_schools_time_zone() -> None:
    sunday_evening_in_utc = dt.datetime(2026, 10, 11, 22, 30, tzinfo=dt.UTC)
    assert monday(scheduled=sunday_evening_in_utc) == dt.date(2026, 10, 12)


def test_a_school_with_its_own_now_is_never_run_past_it() -> None:
    assert monday(partition="2031-03-03") == NOW
    assert monday(scheduled=dt.datetime(2031, 3, 5, 2, tzinfo=BRUSSELS)) == NOW


@pytest.mark.usefixtures("live_school")
def test_a_live_school_follows_the_schedule() -> None:
    assert monday(partition="2031-03-03") == dt.date(2031, 3, 3)
    assert monday(scheduled=dt.datetime(2031, 3, 5, 2, tzinfo=BRUSSELS)) == dt.date(2031, 3, 3)


@pytest.mark.parametrize("asked", [{"conf": {"as_of": "2026-11-24"}}, {"partition": "2026-11-24"}])
def test_a_day_that_is_no_monday_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="2026-11-24 is a Tuesday"):
        monday(**asked)
