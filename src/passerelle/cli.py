"""The command line: the same steps as the DAGs, without Airflow.

Exit codes are those of :mod:`passerelle.errors`: 0 done, 2 configuration, 3 source, 4 gate, 5 build, 6 model, 7 vault,
8 report, 9 query, 10 the coach's desk.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from passerelle import desk_commands, model_commands, privacy_commands, query_commands, steps
from passerelle.command_options import AsOfOption, JsonOption, SchoolOption, chosen_monday, settings_of
from passerelle.errors import PasserelleError, SourceError
from passerelle.export import ExportFormat
from passerelle.export import export as write_tables
from passerelle.school import parse_monday
from passerelle.settings import DEFAULT_SCHOOL

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From training to work: pull a school's data, build its marts, list who needs support, tell the coaches.",
)
app.add_typer(desk_commands.app, name="desk")
app.add_typer(model_commands.app)
app.add_typer(privacy_commands.app)
app.add_typer(query_commands.app)
errors = Console(stderr=True)

NIGHTLY = ("pull", "gate_raw", "build", "gate_marts", "publish", "document")
TRAINING = ("train", "promote_first", "propose")
WEEKLY = ("score", "gate_scores", "forecast", "build_risk", "publish", "report", "send", "monitor")


@contextmanager
def _progress() -> Iterator[steps.Progress]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda text, done, total: bar.update(
            task, description=text, completed=done, total=total or None
        )


def _run(
    names: tuple[str, ...], school: str, as_of: str | None, **told: dict[str, Any]
) -> dict[str, steps.Result]:
    """Run steps in order, each with what it alone is told, saying each one as it ends.

    What a pull in trouble did bring is not held up at gate 1.
    """
    monday = chosen_monday(school, as_of)
    results = {}
    for name in names:
        started = time.monotonic()
        with _progress() as progress:
            progress(name.replace("_", " "), 0, 0)
            try:
                results[name] = getattr(steps, name)(school, monday, progress=progress, **told.get(name, {}))
            except SourceError:
                if "gate_raw" in names:
                    _run(("gate_raw",), school, as_of)
                raise
        errors.print(f"[green]✓[/green] {name.replace('_', ' '):<14} {time.monotonic() - started:6.1f} s")
    return results


def _tell(results: dict[str, steps.Result], as_json: bool) -> None:
    if as_json:
        print(json.dumps(results, indent=2, default=str))
    else:
        for name, result in results.items():
            for key, value in result.items():
                errors.print(f"  {name.replace('_', ' ')}: {key.replace('_', ' ')}: {value}", highlight=False)


@app.command()
def pull(
    school: SchoolOption = DEFAULT_SCHOOL, as_of: AsOfOption = None, as_json: JsonOption = False
) -> None:
    """Bring what is new in every system to the landing's waiting room."""
    _tell(_run(("pull",), school, as_of), as_json)


@app.command()
def check(
    school: SchoolOption = DEFAULT_SCHOOL, as_of: AsOfOption = None, as_json: JsonOption = False
) -> None:
    """Check what was pulled (gate 1): accept it, or set it aside and stop."""
    _tell(_run(("gate_raw",), school, as_of), as_json)


@app.command()
def build(
    school: SchoolOption = DEFAULT_SCHOOL,
    as_of: AsOfOption = None,
    full_refresh: Annotated[
        bool,
        typer.Option(
            "--full-refresh", help="Build from nothing, also where the published marts could be carried on."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Build the marts as of a Monday, check them (gate 2) and publish."""
    _tell(_run(NIGHTLY[2:], school, as_of, build={"full_refresh": full_refresh}), as_json)


@app.command()
def train(
    school: SchoolOption = DEFAULT_SCHOOL, as_of: AsOfOption = None, as_json: JsonOption = False
) -> None:
    """Train every candidate on the past, judge them on later cohorts, propose the winner."""
    _tell(_run(TRAINING, school, as_of), as_json)


@app.command()
def score(
    school: SchoolOption = DEFAULT_SCHOOL, as_of: AsOfOption = None, as_json: JsonOption = False
) -> None:
    """Score the Monday's learners, check the scores (gate 3), build the risk list and publish."""
    _tell(_run(WEEKLY[: WEEKLY.index("report")], school, as_of), as_json)


@app.command()
def report(
    school: SchoolOption = DEFAULT_SCHOOL, as_of: AsOfOption = None, as_json: JsonOption = False
) -> None:
    """Write each coach's report and its mail."""
    _tell(_run(("report",), school, as_of), as_json)


@app.command()
def send(
    school: SchoolOption = DEFAULT_SCHOOL,
    as_of: AsOfOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent; send nothing.")] = False,
    again: Annotated[str | None, typer.Option(metavar="OWNER", help="Allow a lost mail again.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Send the mails of the week that have not been sent; each leaves once, however often this runs."""
    from passerelle.reports import allow_again, send_mails

    settings, monday = settings_of(school), chosen_monday(school, as_of)
    if again:
        allow_again(settings, as_of=monday, owner_id=again)
    rehearsed = {"send": send_mails(settings, as_of=monday, dry_run=True).as_dict()} if dry_run else None
    _tell(rehearsed or _run(("send",), school, as_of), as_json)


@app.command()
def week(
    school: SchoolOption = DEFAULT_SCHOOL, as_of: AsOfOption = None, as_json: JsonOption = False
) -> None:
    """Run a whole week without Airflow: pull to report, and the summary."""
    monday = chosen_monday(school, as_of)
    _run(NIGHTLY + TRAINING + WEEKLY, school, monday.isoformat())
    _summarise(school, monday, as_json)


@app.command()
def run(school: SchoolOption = DEFAULT_SCHOOL, as_of: AsOfOption = None, as_json: JsonOption = False) -> None:
    """Run a whole week through the three Airflow DAGs, and print the summary."""
    from passerelle.orchestration import run_week

    monday = chosen_monday(school, as_of)
    settings_of(school).claim_home()
    run_week(school, monday, console=errors)
    _summarise(school, monday, as_json)


@app.command()
def up(school: SchoolOption = DEFAULT_SCHOOL) -> None:
    """Start Airflow (schedules on), MLflow's pages and the coach's desk, until Ctrl-C."""
    from passerelle.orchestration import up as start

    settings_of(school).claim_home()
    start(school, console=errors)


@app.command()
def demo(
    school: SchoolOption = DEFAULT_SCHOOL,
    now: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Play the systems up to this day.", show_default="school.toml's now"
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Make the systems anew.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make (or bring up to date) the systems of the demo school."""
    from passerelle import demo_school

    settings = settings_of(school)
    settings.claim_home()
    with _progress() as progress:
        summary = demo_school.create(
            school, settings, now=now.date() if now else None, force=force, progress=progress
        )
    _tell({"demo": summary.as_dict()}, as_json)


@app.command()
def export(
    tables: Annotated[
        list[str] | None, typer.Argument(help="Marts.", show_default="every mart_ table")
    ] = None,
    to: Annotated[Path, typer.Option(help="Folder to write into.")] = Path("export"),
    file_format: Annotated[ExportFormat, typer.Option("--format")] = ExportFormat.PARQUET,
    school: SchoolOption = DEFAULT_SCHOOL,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write marts to parquet, or to CSV in which no cell is a formula."""
    from passerelle.warehouse import Warehouse

    monday = parse_monday(as_of) if as_of else None
    with _progress() as progress:
        written = write_tables(
            Warehouse(settings_of(school)),
            tuple(tables or ()),
            folder=to,
            file_format=file_format,
            as_of=monday,
            progress=progress,
        )
    _tell(written, as_json)


@app.command()
def backtest(
    school: SchoolOption = DEFAULT_SCHOOL,
    as_of: AsOfOption = None,
    before_test: Annotated[
        bool,
        typer.Option(
            "--before-test", help="Judge on the cohorts before the test cohorts, which stay closed."
        ),
    ] = False,
    without: Annotated[
        list[str] | None,
        typer.Option(
            help="Tell what this feature is worth to the logistic model; repeat for several at once."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Judge the model and every candidate on later cohorts only."""
    from passerelle.backtest import run_backtest, show

    with _progress() as progress:
        result = run_backtest(
            settings_of(school),
            as_of=parse_monday(as_of) if as_of else None,
            progress=progress,
            before_test=before_test,
            without=tuple(without or ()),
        )
    if as_json:
        print(json.dumps(result, indent=2))
    else:
        show(result, console=Console())


def _summarise(school: str, monday: dt.date, as_json: bool) -> None:
    from passerelle.summary import show, summarise

    summary = summarise(settings_of(school), monday)
    if as_json:
        print(json.dumps(summary, indent=2, default=str))
    else:
        show(summary, console=Console())


def main() -> None:
    """Run the command line and turn our own errors into a message and an exit code."""
    try:
        app()
    except PasserelleError as error:
        errors.print(f"[red]✗[/red] {type(error).__name__}: {escape(str(error))}", highlight=False)
        sys.exit(error.exit_code)
