"""View model in, HTML or plain text out; nothing is decided here."""

from __future__ import annotations

import re
from functools import cache
from textwrap import TextWrapper

from jinja2 import Environment, PackageLoader, StrictUndefined

from passerelle.reports import cohort_view, forecast_view, learner_weeks
from passerelle.reports.overview import Overview
from passerelle.reports.report import Letter, Report
from passerelle.reports.words import Words

TEXT_WIDTH = 76
_BLANKS = re.compile(r"[\t\n\v\f\r]")
TEMPLATES = {Report: "report", Overview: "overview"}


def as_html(report: Letter) -> str:
    """The page of a report for a browser: one file with its drawings, which loads nothing and runs nothing."""
    return _rendered("html", report, is_page=True)


def as_mail_html(report: Letter) -> str:
    """The same report for a mail client: no drawing, nothing to unfold, nothing that needs more than simple styles."""
    return _rendered("html", report, is_page=False)


def as_text(report: Letter) -> str:
    """The same report in plain text, for mail clients that show no HTML."""
    return _rendered("txt", report, is_page=False)


def _rendered(form: str, report: Letter, *, is_page: bool) -> str:
    return (
        _environment()
        .get_template(f"{TEMPLATES[type(report)]}.{form}.j2")
        .render(
            report=report,
            say=Words(report.language).say,
            is_page=is_page,
            curve=cohort_view,
            outlook_bar=forecast_view,
            strip=learner_weeks,
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
