"""The truth that nothing in the pipeline reads, and what somebody who knows it could predict at best."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from passerelle.demo_school.careers import HALF_YEAR, KINDS, chance_of_work
from passerelle.demo_school.chance import NEVER, dates
from passerelle.demo_school.journeys import chance_of_completing
from passerelle.demo_school.world import World

PATHS = 200
DAY_OF_WEEK_4 = 28


def oracle_auc(world: World | pd.DataFrame) -> dict[str, float]:
    """Area under the ROC curve of the true probabilities: what no honest model can beat by more than luck.

    Parameters
    ----------
    world : World or pandas.DataFrame
        The school, or its ``enrolment_truth``.

    Returns
    -------
    dict
        ``completes_at_week_4``, of those still there on day 28, and ``placed_at_intake``, of everybody.
    """
    truth = enrolment_truth(world) if isinstance(world, World) else world
    still_there = truth["chance_completes_week_4"].notna()
    return {
        "completes_at_week_4": _auc(truth[still_there], "chance_completes_week_4", "completes"),
        "placed_at_intake": _auc(truth, "chance_placed_intake", "is_placed"),
    }


def enrolment_truth(world: World, *, paths: int = PATHS) -> pd.DataFrame:
    """One row per enrolment: the hidden risk, the true probabilities and what came of it.

    ``chance_completes_week_4`` is empty for those who had left by day 28. ``is_placed`` says whether a first
    job began within 180 days of leaving.
    """
    enrolments, play = world.enrolments, world.play
    journeys, fixed = enrolments.journeys, enrolments.traits
    oracle: dict[str, Any] = {"play": play, "paths": paths}
    intake = chance_of_completing(fixed, None, from_week=0, **oracle)
    there = np.flatnonzero(journeys.left_after_days >= DAY_OF_WEEK_4)
    week_4 = np.full(len(enrolments), np.nan)
    week_4[there] = chance_of_completing(
        fixed.only(there), journeys.week_4.only(there), from_week=4, **oracle
    )
    chances = [chance_of_work(fixed.placement, completed=ended, play=play) for ended in (True, False)]
    people = enrolments.people.iloc[enrolments.person]
    first_job = world.careers.start[:, 0]
    return pd.DataFrame(
        {
            "enrolment_no": enrolments.enrolment_no.to_pandas(),
            "risk": people["risk"].to_numpy(),
            "intake": people["intake"].to_numpy(),
            "chance_completes_intake": intake,
            "chance_completes_week_4": week_4,
            "chance_placed_intake": intake * chances[0] + (1 - intake) * chances[1],
            "completes": enrolments.is_completed,
            "is_placed": first_job - enrolments.left <= HALF_YEAR,
        }
    )


def write_truth(world: World, folder: Path, *, truth: pd.DataFrame) -> None:
    """Write the truth as parquet: one row per enrolment, per spell of work, and per true effect."""
    folder.mkdir(parents=True, exist_ok=True)
    effects = pd.DataFrame(
        _flat(world.play.config.assumed.model_dump(mode="json")), columns=["effect", "value"]
    )
    pq.write_table(pa.Table.from_pandas(truth, preserve_index=False), folder / "enrolment.parquet")
    pq.write_table(_spells(world), folder / "spell.parquet")
    pq.write_table(pa.Table.from_pandas(effects.astype(str), preserve_index=False), folder / "effect.parquet")


def _spells(world: World) -> pa.Table:
    careers = world.careers
    who, spell = np.nonzero(careers.start < NEVER)
    return pa.table(
        {
            "enrolment_no": world.enrolments.enrolment_no.take(pa.array(who)),
            "start_date": dates(careers.start[who, spell]),
            "end_date": dates(careers.end[who, spell]),
            "kind": pa.array(np.array(KINDS, dtype=object)[careers.kind[who, spell]], pa.string()),
        }
    )


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _auc(truth: pd.DataFrame, chance: str, outcome: str) -> float:
    """Chance that a positive outranks a negative, ties counted half (Mann-Whitney)."""
    positive = truth[outcome].to_numpy(bool)
    ranks = truth[chance].rank().to_numpy()
    wins = ranks[positive].sum() - positive.sum() * (positive.sum() + 1) / 2
    return float(wins / (positive.sum() * (~positive).sum()))
