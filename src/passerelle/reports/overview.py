"""What a campus lead or the school's director reads on one Monday: classes and campuses, and no person.

Only the frames of classes come in here: no learner, no coach and no list can go out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from passerelle.reports.about import stale_lines, watch_line
from passerelle.reports.class_problems import class_problems
from passerelle.reports.classes import Classes
from passerelle.reports.cohort_view import CohortLine
from passerelle.reports.forecast_view import Outlook
from passerelle.reports.names import shown_name
from passerelle.reports.report import Letter
from passerelle.reports.words import Words
from passerelle.school import OverviewReader


@dataclass(frozen=True, kw_only=True)
class Scope:
    """One campus, or the whole school: where its placement rate may end, how likely the aim is, and its classes."""

    name: str
    outlook: Outlook | None
    chance: str
    missing: str
    cohorts: tuple[CohortLine, ...]


@dataclass(frozen=True, kw_only=True)
class Overview(Letter):
    """What one lead or director reads."""

    #: What last Monday's watch over the model found, for who reads of the whole school; empty where nothing.
    watch: str
    problems: tuple[str, ...]
    problems_note: str
    scopes: tuple[Scope, ...]


def overview(reader: OverviewReader, classes: Classes, *, as_of: dt.date) -> Overview:
    """The overview of one reader.

    Parameters
    ----------
    reader : OverviewReader
        Who reads it, and of which campus; of all when it names none.
    classes : Classes
    as_of : datetime.date
        The Monday.
    """
    words, weeks, school = Words(reader.language), classes.cohort_weeks, classes.school
    running = weeks[pd.to_datetime(weeks["as_of_date"]).dt.date == as_of].sort_values(["campus", "cohort_id"])
    campuses = [reader.campus] if reader.campus else _campuses(running, classes.forecasts)
    running = running[running["campus"].isin(campuses)]
    problems = [
        problem
        for campus, there in running.groupby("campus", sort=True)
        for problem in class_problems(
            weeks, there["cohort_id"], words, missing=classes.missing_at(str(campus))
        )
    ]
    scopes = [] if reader.campus else [_scope("school", "school", running.iloc[:0], classes, words)]
    scopes += [
        _scope("campus", campus, running[running["campus"] == campus], classes, words) for campus in campuses
    ]
    return Overview(
        owner_id=reader.id,
        owner_name="",
        language=reader.language,
        as_of=as_of,
        school=school.name,
        title=words.say("overview.title_campus", campus=reader.campus)
        if reader.campus
        else words.say("overview.title_school"),
        week=words.say("report.week", date=words.date(as_of)),
        data_date=words.say("report.data_date", date=words.date(as_of, form="full")),
        subject=words.say("overview.subject", date=words.date(as_of)),
        stale=stale_lines(classes.stale_at(campuses), words),
        watch="" if reader.campus else watch_line(classes.checks, words),
        problems=tuple(problems),
        problems_note=words.say(_note(running, problems)),
        scopes=tuple(scopes),
    )


def _note(running: pd.DataFrame, problems: list[str]) -> str:
    if problems:
        return "overview.look"
    return "overview.no_class" if running.empty else "overview.no_problem"


def _campuses(running: pd.DataFrame, forecasts: pd.DataFrame) -> list[str]:
    """Campuses with a class in training, or one whose placement is still open."""
    forecast = forecasts.loc[forecasts["scope_kind"] == "campus", "scope_id"]
    return sorted({*running["campus"].astype(str), *forecast.astype(str)})


def _scope(kind: str, scope_id: str, rows: pd.DataFrame, classes: Classes, words: Words) -> Scope:
    return Scope(
        name=shown_name(scope_id) if kind == "campus" else words.say("overview.whole_school"),
        outlook=classes.outlook(kind, scope_id, words),
        chance=classes.chance(kind, scope_id, words),
        missing=classes.heads_missing(kind, scope_id, words),
        cohorts=tuple(classes.line(str(cohort), words) for cohort in rows["cohort_id"]),
    )
