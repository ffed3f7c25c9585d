"""Options that mean the same in every command."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from passerelle.school import load_school, parse_monday
from passerelle.settings import Settings

SchoolOption = Annotated[
    str, typer.Option("--school", envvar="PASSERELLE_SCHOOL", help="Folder name under schools/.")
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", help="A Monday, YYYY-MM-DD.", show_default="the school's current Monday"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]


def settings_of(school: str) -> Settings:
    """Settings of a school that there is, whose state folder is not another school's.

    Raises
    ------
    ConfigError
        No such school, or the folder is another's.
    """
    load_school(school)
    settings = Settings(school=school)
    settings.check_home()
    return settings


def chosen_monday(school: str, as_of: str | None) -> dt.date:
    """The Monday that was asked for, else the school's current one."""
    return parse_monday(as_of) if as_of else load_school(school).current_monday()
