"""What a week did, for a person at a terminal and for a program (``summary.json``)."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from rich.console import Console
from rich.table import Table

from passerelle import steps
from passerelle.atomic import write_atomically
from passerelle.school import load_school
from passerelle.settings import Settings
from passerelle.warehouse import Warehouse

FIGURES = {
    "n_test": "n",
    "auc": "AUC",
    "ap": "AP",
    "brier": "Brier",
    "ece": "ECE",
    "precision_at_20pct": "P@20%",
    "recall_at_20pct": "R@20%",
}
GATES = ("gate_raw", "gate_marts", "gate_scores")


def summarise(settings: Settings, as_of: dt.date) -> dict[str, Any]:
    """Gather what the steps of one Monday left, and keep it as ``summary.json`` in the state folder.

    Returns
    -------
    dict
        ``school, as_of, pulled, checked, marts, model, watched, forecast, reports, sent, where``; no personal data.
    """
    kept = steps.kept_results(settings, as_of)
    summary = {
        "school": settings.school,
        "name": load_school(settings.school).name,
        "as_of": as_of.isoformat(),
        "pulled": kept.get("pull", {}),
        "checked": {gate: kept[gate] for gate in GATES if gate in kept},
        "marts": _mart_rows(settings),
        "model": _model(kept),
        "watched": kept.get("monitor", {}),
        "forecast": kept.get("forecast", {}).get("school"),
        "reports": kept.get("report", {}),
        "sent": kept.get("send", {}),
        "where": _places(settings, as_of),
    }
    content = json.dumps(summary, indent=2, ensure_ascii=False, default=str)
    write_atomically(settings.part("summary.json"), content.encode())
    return summary


def _mart_rows(settings: Settings) -> dict[str, int]:
    """Rows of each published mart."""
    warehouse = Warehouse(settings)
    named = warehouse.query(
        "select table_name from information_schema.tables where table_schema = 'marts' order by table_name"
    )
    marts = named.column("table_name").to_pylist()
    counts = " union all ".join(
        f"select '{mart}' as mart, count(*) as row_count from {mart}" for mart in marts
    )
    return {row["mart"]: row["row_count"] for row in warehouse.query(counts).to_pylist()}


def _model(kept: dict[str, Any]) -> dict[str, Any]:
    trained, proposed = kept.get("train", {}), kept.get("propose", {})
    promotions = kept.get("promote_first", {}).get("promotions", [])
    return {
        "trained": trained.get("model_version"),
        "in_force": kept.get("score", {}).get("model_version"),
        "waits_for": proposed.get("waits_for"),
        "violations": trained.get("violations", []),
        "card": trained.get("card"),
        "chosen": trained.get("chosen", {}),
        "basis": trained.get("basis"),
        "why": trained.get("why"),
        "out_of_time": trained.get("figures", {}),
        "promotions": promotions,
        "scored": kept.get("score", {}).get("scored"),
        "not_scored": kept.get("score", {}).get("not_scored"),
    }


def _places(settings: Settings, as_of: dt.date) -> dict[str, str]:
    places = {
        "reports": ("reports", as_of.isoformat()),
        "mails": ("outbox", as_of.isoformat()),
        "warehouse": ("warehouse", "passerelle.duckdb"),
        "cohorts": ("docs", "cohorts.html"),
        "marts explained": ("docs", "index.html"),
        "checks explained": ("gates",),
        "models": ("mlflow",),
        "summary": ("summary.json",),
    }
    return {name: str(settings.state_dir.joinpath(*parts)) for name, parts in places.items()}


def show(summary: dict[str, Any], *, console: Console) -> None:
    """Print the summary so that a person can act on it."""
    console.rule(f"{summary['name']}, week of {summary['as_of']}")
    _show_checks(summary, console)
    _show_marts(summary, console)
    _show_model(summary["model"], console)
    _show_watched(summary["watched"], console)
    _show_forecast(summary["forecast"], console)
    _show_reports(summary["reports"], console)
    _show_sent(summary["sent"], console)
    places = Table.grid(padding=(0, 2))
    for name, path in summary["where"].items():
        places.add_row(name, path)
    console.print("\n[bold]Where it lies[/bold]", places, sep="\n")


def _show_checks(summary: dict[str, Any], console: Console) -> None:
    rows = sum(summary["pulled"].get("rows", {}).values())
    console.print(
        f"\n[bold]Pulled[/bold]   {rows:,} new rows from {len(summary['pulled'].get('rows', {}))} tables"
    )
    warnings = [text for gate in summary["checked"].values() for text in gate.get("warnings", [])]
    console.print(f"[bold]Checked[/bold]  {len(summary['checked'])} gates passed, {len(warnings)} warnings")
    for text in warnings:
        console.print(f"  [yellow]![/yellow] {text}", highlight=False)


def _show_marts(summary: dict[str, Any], console: Console) -> None:
    marts = ", ".join(f"{name} {rows:,}" for name, rows in summary["marts"].items())
    console.print(f"[bold]Marts[/bold]    {marts}", highlight=False)


def _show_model(model: dict[str, Any], console: Console) -> None:
    console.print(f"[bold]Model[/bold]    in force: {model['in_force']}", highlight=False)
    if model["basis"] == "plain_rule":
        console.print(f"  the plain rule ranks: {model['why']}", highlight=False)
    if model["waits_for"]:
        console.print(
            f"  a new model waits for a person: {model['waits_for']}   (or --reject)\n"
            "  or in Airflow (`make up`): Required Actions, outlook_training, approve",
            highlight=False,
        )
    for violation in model["violations"]:
        console.print(f"  [yellow]![/yellow] fairness: {violation}", highlight=False)
    for target, candidates in model["out_of_time"].items():
        console.print()
        console.print(candidates_table(target, candidates, chosen=model["chosen"].get(target)))


def _show_watched(watched: dict[str, Any], console: Console) -> None:
    if not watched:
        return
    after = watched["detects_after_count"]
    slow = (
        f"a shift of ten points shows after about {after} outcomes" if after else "too few to see a shift yet"
    )
    console.print(
        f"[bold]Watched[/bold]  {watched['checks']} checks, {len(watched['alarms'])} alarms; "
        f"{watched['matured']} outcomes of what was said, {slow}",
        highlight=False,
    )
    for text in watched["alarms"]:
        console.print(f"  [yellow]![/yellow] {text}", highlight=False)


def _show_forecast(school: dict[str, Any] | None, console: Console) -> None:
    if school is None:
        return
    console.print(
        f"[bold]Forecast[/bold] {school['expected_share']:.0%} of completers placed in running cohorts "
        f"({school['low_share']:.0%} to {school['high_share']:.0%} in 8 futures of 10), "
        f"the target holds in {school['chance_target_holds']:.0%} of them, {school['heads_missing']} heads missing; "
        f"in {school['chance_if_listed_placed']:.0%} if all {school['listed_count']} listed learners found work",
        highlight=False,
    )


def candidates_table(title: str, candidates: dict[str, list[dict[str, Any]]], *, chosen: str | None) -> Table:
    """Out-of-time figures of every candidate by day of training; those of the chosen one with their intervals."""
    table = Table(
        title=f"{title}: judged on later cohorts only", title_justify="left", box=None, padding=(0, 2, 0, 0)
    )
    table.add_column("candidate", no_wrap=True)
    for heading in ("day", *FIGURES.values()):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, rows in candidates.items():
        mark = "▸ " if name == chosen else "  "
        for place, row in enumerate(rows):
            figures = (_figure(row[figure]) for figure in FIGURES)
            table.add_row("" if place else mark + name, str(row["day"]), *figures)
            for end, label in enumerate(("  95 % from", "  to") if name == chosen and row["n_test"] else ()):
                edges = (row["intervals"].get(figure) for figure in FIGURES)
                table.add_row(label, "", *("" if edge is None else _figure(edge[end]) for edge in edges))
    return table


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def _show_reports(reports: dict[str, Any], console: Console) -> None:
    console.print(
        f"[bold]Reports[/bold]  {reports.get('count', 0)} written, {reports.get('listed', 0)} learners listed, "
        f"{reports.get('not_scored', 0)} not scored; {reports.get('overviews', 0)} for campus leads and director",
        highlight=False,
    )


def _show_sent(sent: dict[str, Any], console: Console) -> None:
    if not sent:
        return
    said = sent["why_none"] or ", ".join(f"{count} {state}" for state, count in sent["counts"].items())
    console.print(f"[bold]Mails[/bold]    {said or 'none'} (by {sent['post']})", highlight=False)
    if sent["mailbox"]:
        console.print(f"  no mail server is set: nothing left this machine, all lies in {sent['mailbox']}")
    for owner, reason in sent["trouble"].items():
        console.print(f"  [yellow]![/yellow] {owner}: {reason}", highlight=False)
