"""View model in, HTML or plain text out; nothing is decided here."""

from __future__ import annotations

import re
from functools import cache
from textwrap import TextWrapper

from jinja2 import Environment, PackageLoader, StrictUndefined

from passerelle.reports.cohort_view import CURVE_HEIGHT, CURVE_WIDTH
from passerelle.reports.forecast_view import BAR_HEIGHT, BAR_WIDTH
from passerelle.reports.overview import Overview
from passerelle.reports.report import Letter, Report
from passerelle.reports.words import Words

TEXT_WIDTH = 76
_BLANKS = re.compile(r"[\t\n\v\f\r]")
TEMPLATES = {Report: "report", Overview: "overview"}


def as_html(report: Letter) -> str:
    """The page of a report: one file that loads nothing and runs nothing."""
    return _rendered("html", report)


def as_text(report: Letter) -> str:
    """The same report in plain text, for mail clients that show no HTML."""
    return _rendered("txt", report)


def _rendered(form: str, report: Letter) -> str:
    return (
        _environment()
        .get_template(f"{TEMPLATES[type(report)]}.{form}.j2")
        .render(
            report=report,
            say=Words(report.language).say,
            curve_width=CURVE_WIDTH,
            curve_height=CURVE_HEIGHT,
            bar_width=BAR_WIDTH,
            bar_height=BAR_HEIGHT,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("passerelle.reports"),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["wrapped"] = _wrapped
    return environment


def _wrapped(text: str, *, first: str = "") -> str:
    return _wrapper(first).fill(_BLANKS.sub(" ", text))


@cache
def _wrapper(first: str) -> TextWrapper:
    return TextWrapper(
        width=TEXT_WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_on_hyphens=False,
        expand_tabs=False,
        replace_whitespace=False,
    )
