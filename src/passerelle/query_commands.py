"""The command line of the data team: ``passerelle query``."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from passerelle.command_options import AsOfOption, JsonOption, SchoolOption, settings_of
from passerelle.errors import QueryError
from passerelle.school import parse_monday
from passerelle.settings import DEFAULT_SCHOOL

if TYPE_CHECKING:
    import pyarrow as pa

app = typer.Typer()
errors = Console(stderr=True)

#: Columns of a terminal that holds any table.
UNBOUNDED = 1_000_000
#: Rows that a terminal is shown.
SHOWN = 200


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One select statement.")],
    school: SchoolOption = DEFAULT_SCHOOL,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the published warehouse, read-only.

    JSON is a list of row objects; what JSON has no number for (NaN, infinity) is null.
    """
    from passerelle.warehouse import Warehouse

    monday = parse_monday(as_of) if as_of else None
    table = Warehouse(settings_of(school)).query(sql, as_of=monday)
    if as_json:
        told = [_as_json(row) for row in _rows(table)]
        print(json.dumps(told, default=str, ensure_ascii=False, indent=2, allow_nan=False))
        return
    _print_rows(table.column_names, _rows(table.slice(0, SHOWN)))
    if not table.num_rows:
        errors.print("no rows")
    if table.num_rows > SHOWN:
        errors.print(f"{SHOWN} of {table.num_rows:,} rows shown; add a limit, or --json for all")


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    """Rows as plain values by column.

    Raises
    ------
    QueryError
        Two columns of one name, of which one would be lost, or a day that no calendar has.
    """
    names = table.column_names
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise QueryError(
            f"more than one column is called {', '.join(twice)}",
            allowed="one column of a name",
            fix="`as` in the query",
        )
    try:
        return table.to_pylist()
    except (OverflowError, ValueError) as error:
        raise QueryError(
            f"a value that cannot be told: {error}",
            allowed="days of the years 1 to 9999",
            fix="cast that column to text in the query",
        ) from error


def _as_json(value: Any) -> Any:
    """The value with null in the place of each number that JSON does not know, however deep."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _as_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(each) for each in value]
    return value


def _print_rows(columns: list[str], rows: list[dict[str, Any]]) -> None:
    """Show rows as a table where it fits the terminal, else one by one."""
    console = Console()
    heads = [_harmless(column) for column in columns]
    texts = [[_harmless(value) for value in row.values()] for row in rows]
    shown = Table(*heads)
    for text in texts:
        shown.add_row(*text)
    if Console(width=UNBOUNDED).measure(shown).maximum <= console.width:
        console.print(shown)
        return
    for number, text in enumerate(texts, start=1):
        grid = Table.grid(padding=(0, 2))
        for cells in zip(heads, text, strict=True):
            grid.add_row(*cells)
        console.rule(f"row {number}", align="left")
        console.print(grid)


def _harmless(value: Any) -> str:
    """A value as text in which nothing can move or colour the terminal, nor is taken for markup."""
    text = "" if value is None else str(value)
    return escape("".join(char if char.isprintable() or char == "\n" else ascii(char)[1:-1] for char in text))
