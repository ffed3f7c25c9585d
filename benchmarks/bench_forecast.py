"""Forecasts of past Mondays against what came, over several simulated schools, beside the plain rate so far.

    python benchmarks/bench_forecast.py [--schools 6] [--home FOLDER]

One school has five years to judge a forecast of the whole school by. Each school here has its own dice and its own
years of plenty and of want: founded in either, which come round in four to seven years. With ``--home`` what was done
before an interruption is not done again.

The floor of the error is the rate of everybody whose class was final that Monday, without a model. Intervals (95 %)
are those of a mean over schools, which have nothing in common but the promise.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from measure import measure

from passerelle.settings import PROJECT_DIR, Settings
from support_need.forecast import INTERVAL_SHARE
from support_need.forecast_backtest import backtest_forecast
from support_need.intervals import mean_interval
from support_need.journeys import Question, journeys
from support_need.pipeline import prepare
from support_need.spec import SMALL

SCHOOL = "ai_school"
FIRST_SEED = 3000
CLIMATE_YEARS = (4.0, 5.0, 6.0, 7.0)
HERE = Path(__file__)


def make_school(folder: Path, number: int) -> None:
    """Copy the demo school's settings, with other dice and another climate."""
    shutil.copytree(PROJECT_DIR / "schools" / SCHOOL, folder / "schools" / SCHOOL)
    played = folder / "schools" / SCHOOL / "demo_school.toml"
    text = played.read_text(encoding="utf-8")
    years = CLIMATE_YEARS[number // 2 % len(CLIMATE_YEARS)]
    for pattern, value in (
        (r"^seed = .*", f"seed = {FIRST_SEED + number}"),
        (r"^climate = (.*)", r"climate = -\1" if number % 2 else r"climate = \1"),
        (r"^climate_years = .*", f"climate_years = {years}"),
    ):
        text, found = re.subn(pattern, value, text, flags=re.MULTILINE)
        assert found == 1, pattern
    played.write_text(text, encoding="utf-8")


def judge(target: Path) -> None:
    """Make the school's systems, pull and build, and keep its past forecasts beside what came of them."""
    from passerelle.backtest import ensure_built
    from passerelle.demo_school import create
    from passerelle.model_inputs import forecast_question, model_frames
    from passerelle.school import load_school

    settings, monday = Settings(), load_school(SCHOOL).now
    assert monday is not None
    create(SCHOOL, settings)
    ensure_built(settings, monday, progress=lambda *_: None)
    panel, targets = model_frames(settings, monday)
    rows, question = prepare(panel), forecast_question(settings, monday)
    judged = backtest_forecast(rows, targets, candidate=SMALL, question=question)
    so_far = {
        day: rate_so_far(rows, targets, replace(question, as_of=day)) for day in judged["as_of_date"].unique()
    }
    judged.assign(rate_so_far=judged["as_of_date"].map(so_far)).to_parquet(target)


def rate_so_far(rows: pd.DataFrame, targets: pd.DataFrame, question: Question) -> float:
    """Share of the completers of classes that were final who were placed, as known that Monday."""
    known = rows[rows["as_of_date"] <= pd.Timestamp(question.as_of)]
    people = journeys(known, targets, question=question)
    return float(people.loc[people["is_settled"] & people["is_completed"], "placed_day"].notna().mean())


def tell(judged: pd.DataFrame) -> None:
    """Print the figures of all schools together, by kind of scope."""
    for kind, part in judged.groupby("scope_kind"):
        error, floor = (part[name] - part["final_share"] for name in ("expected_share", "rate_so_far"))
        figures = {
            f"inside, {INTERVAL_SHARE:.2f} claimed": part["is_inside"].astype(float),
            "mean error": error,
            "mean absolute error": error.abs(),
            "  floor: the rate so far": floor.abs(),
            "mean width": part["high_share"] - part["low_share"],
        }
        print(f"{kind}: {len(part)} forecasts of {part['school'].nunique()} schools")
        for name, values in figures.items():
            low, high = mean_interval(values.to_numpy(), part["school"].to_numpy()) or (np.nan, np.nan)
            print(f"  {name:<26} {values.mean():6.3f} ({low:.3f} to {high:.3f})")
        print(f"  {error.abs().mean() / floor.abs().mean():.2f} x the floor's error")


def judged_school(home: Path, number: int) -> pd.DataFrame:
    """Judge one school in a process of its own, unless that was done before."""
    kept = home / f"judged_{number}.parquet"
    if not kept.exists():
        with tempfile.TemporaryDirectory() as folder:
            make_school(Path(folder), number)
            environment = {"PASSERELLE_HOME": f"{folder}/home", "PASSERELLE_SCHOOLS_DIR": f"{folder}/schools"}
            measure([sys.executable, str(HERE), "judge", str(kept)], environment=environment)
    return pd.read_parquet(kept).assign(school=number)


def main() -> None:
    """Judge school after school."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--schools", type=int, default=6)
    parser.add_argument("--home", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = asked.home or Path(name)
        home.mkdir(parents=True, exist_ok=True)
        tell(pd.concat([judged_school(home, number) for number in range(asked.schools)], ignore_index=True))


if __name__ == "__main__":
    if sys.argv[1:2] == ["judge"]:
        judge(Path(sys.argv[2]))
    else:
        main()
