"""The step: gather, view, render, put in place."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from passerelle.atomic import write_atomically
from passerelle.cohort_page.gathering import gather
from passerelle.cohort_page.view import CohortPage, cohort_page
from passerelle.settings import Settings


def write_cohort_page(school: str, settings: Settings) -> Path:
    """Write the page of the published warehouse; the same warehouse again writes the same bytes.

    Returns
    -------
    pathlib.Path
        ``docs/cohorts.html`` in the state folder.

    Raises
    ------
    BuildError
        Nothing is published yet.
    """
    page = settings.part("docs", "cohorts.html")
    write_atomically(page, as_html(cohort_page(gather(school, settings))).encode())
    return page


def as_html(page: CohortPage) -> str:
    """The page: one file that loads nothing and runs nothing."""
    environment = Environment(
        loader=PackageLoader("passerelle.cohort_page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("cohorts.html.j2").render(page=page)
