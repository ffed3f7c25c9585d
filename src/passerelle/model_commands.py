"""The command line of the model: ``passerelle explain``, ``forecast``, ``promote``."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated

import typer
from rich.console import Console

from passerelle.command_options import AsOfOption, JsonOption, SchoolOption, chosen_monday, settings_of
from passerelle.promotions import Decision, first_open_monday
from passerelle.school import parse_monday
from passerelle.settings import DEFAULT_SCHOOL

app = typer.Typer()


@app.command()
def explain(
    learner: Annotated[str, typer.Option("--learner", help="An enrolment_id, or a learner's pseudonym.")],
    school: SchoolOption = DEFAULT_SCHOOL,
    as_of: AsOfOption = None,
) -> None:
    """Tell again, as JSON, what a coach was told of one learner on one Monday."""
    from passerelle.explain import explain as tell_again

    told = tell_again(settings_of(school), learner, chosen_monday(school, as_of))
    print(json.dumps(told, indent=2, ensure_ascii=False))


@app.command()
def forecast(
    school: SchoolOption = DEFAULT_SCHOOL,
    as_of: AsOfOption = None,
    judge: Annotated[
        bool, typer.Option("--backtest", help="Judge the forecasts of past Mondays by what came of them.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Forecast the final placement rate of running cohorts, campuses and the school."""
    from passerelle.backtest import forecasts_made, run_forecast_backtest, show_rows

    monday, settings = chosen_monday(school, as_of), settings_of(school)
    found = (run_forecast_backtest if judge else forecasts_made)(settings, monday)
    if as_json:
        print(json.dumps(found, indent=2, default=str))
    else:
        show_rows(found, console=Console())


@app.command()
def promote(
    version: Annotated[str, typer.Argument(help="Model version, as the summary or MLflow names it.")],
    decided_by: Annotated[
        str, typer.Option("--by", prompt="Who takes the decision", help="Who takes the decision.")
    ],
    reason: Annotated[str, typer.Option(prompt="Why", help="Why.")],
    sign_off: Annotated[
        str,
        typer.Option(help="Why a clear difference among protected groups is acceptable, if there is one."),
    ] = "",
    reject: Annotated[bool, typer.Option("--reject", help="Record that it stays out instead.")] = False,
    school: SchoolOption = DEFAULT_SCHOOL,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", help="First Monday that it ranks.", show_default="the first one that is not scored yet"
        ),
    ] = None,
) -> None:
    """Put a proposed model in force from a Monday on, or keep it out; the decision is recorded."""
    from passerelle.registry import Registry

    settings = settings_of(school)
    decision = Decision(
        by=decided_by,
        reason=reason,
        sign_off=sign_off,
        at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        via="command line",
    )
    if reject:
        Registry(settings).reject(version, decision)
        typer.echo(f"{version} stays out", err=True)
        return
    monday = parse_monday(as_of) if as_of else first_open_monday(settings, chosen_monday(school, None))
    Registry(settings).promote(version, decision, as_of=monday)
    typer.echo(f"{version} is in force from {monday}", err=True)
