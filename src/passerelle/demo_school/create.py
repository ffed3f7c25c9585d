"""Makes the demo school's systems where the school's settings look for them, once."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from passerelle.atomic import write_atomically
from passerelle.demo_school.config import DemoSchool, load_config
from passerelle.demo_school.marker import marker_of
from passerelle.demo_school.systems import Progress, clear_systems, played_systems, write_systems
from passerelle.demo_school.truth import enrolment_truth, oracle_auc, write_truth
from passerelle.demo_school.world import World, simulate
from passerelle.errors import ConfigError
from passerelle.school import load_school, load_system
from passerelle.settings import Settings

STEPS = 4


@dataclass(frozen=True)
class DemoSummary:
    """What ``create`` made.

    Attributes
    ----------
    now : str
        The school's today.
    seed : int
        Seed of the play.
    is_new : bool
        Whether anything had to be made.
    cohorts, learners, enrolments : int
        Size of the school, planned cohorts included.
    rows : dict
        System to rows added by this call.
    places : dict
        System to place, without passwords.
    oracle_auc : dict
        What somebody who knows the truth could reach: no model can honestly do better.
    """

    now: str
    seed: int
    is_new: bool
    cohorts: int
    learners: int
    enrolments: int
    rows: dict[str, int]
    places: dict[str, str]
    oracle_auc: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """Fit for JSON."""
        return asdict(self)


def create(
    school: str,
    settings: Settings,
    *,
    now: dt.date | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> DemoSummary:
    """Make the systems of the demo school, or bring them up to a later day.

    Parameters
    ----------
    school : str
        A school with a ``demo_school.toml``.
    settings : Settings
        Where the state is; the systems are where their own settings say, under the state by default.
    now : datetime.date, optional
        The school's today; school.toml's by default.
    force : bool, default False
        Make everything anew.
    progress : callable, optional
        Told what is being done, how much is done, of how much.

    Raises
    ------
    ConfigError
        The school has no simulator or no today, or the systems hold something else or a later day.
    """
    config, today = load_config(school), now or _today(school)
    places = {name: load_system(school, name).location(settings) for name in played_systems(school)}
    report = settings.part("demo_school", "summary.json")
    if force:
        clear_systems(school, places)
        report.unlink(missing_ok=True)
    kept = _kept(report, config, today, places)
    if kept is not None:
        return kept
    say = progress or _nobody
    say("simulating the school", 0, STEPS)
    world = simulate(config)
    rows = write_systems(world, places, now=today, progress=progress)
    say("asking the oracle", 2, STEPS)
    truth = enrolment_truth(world)
    write_truth(world, settings.part("demo_school", "truth"), truth=truth)
    summary = _summary(world, today, rows, places, oracle_auc(truth))
    content = {"play": marker_of(config, seed=config.seed).play, "summary": summary.as_dict()}
    write_atomically(report, json.dumps(content, indent=2).encode())
    say("done", STEPS, STEPS)
    return summary


def _nobody(text: str, done: int, total: int) -> None:
    """Progress for nobody."""


def _today(school: str) -> dt.date:
    today = load_school(school).now
    if today is None:
        raise ConfigError(
            f"the school '{school}' has no 'now'", allowed="a date", fix="school.toml, or --now"
        )
    return today


def _kept(report: Path, config: DemoSchool, today: dt.date, places: dict[str, str]) -> DemoSummary | None:
    """The summary of the last call when there is nothing to do; None when there is.

    Raises
    ------
    ConfigError
        The systems already stand at a later day.
    """
    if not report.exists():
        return None
    content = json.loads(report.read_text())
    if content["play"] != marker_of(config, seed=config.seed).play or content["summary"]["places"] != _shown(
        places
    ):
        return None
    summary = DemoSummary(**content["summary"])
    if dt.date.fromisoformat(summary.now) > today:
        raise ConfigError(
            f"the demo school's systems already stand at {summary.now}",
            allowed=f"a day from then on, not {today}",
            fix="passerelle demo --force --now makes them anew",
        )
    nothing = dict.fromkeys(summary.rows, 0)
    return replace(summary, is_new=False, rows=nothing) if summary.now == today.isoformat() else None


def _summary(
    world: World, today: dt.date, rows: dict[str, int], places: dict[str, str], oracle: dict[str, float]
) -> DemoSummary:
    enrolments = world.enrolments
    return DemoSummary(
        now=today.isoformat(),
        seed=world.play.dice.seed,
        is_new=True,
        cohorts=len(enrolments.cohorts),
        learners=int((~enrolments.is_return).sum()),
        enrolments=len(enrolments),
        rows=rows,
        places=_shown(places),
        oracle_auc={name: round(value, 3) for name, value in oracle.items()},
    )


def _shown(places: dict[str, str]) -> dict[str, str]:
    """Places as they may be printed: no password of a database."""
    return {
        name: sa.make_url(place).render_as_string(hide_password=True) if "://" in place else place
        for name, place in places.items()
    }
