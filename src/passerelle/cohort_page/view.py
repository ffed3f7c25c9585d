"""What the cohort page says: rows of counts turned into sentences, bars and pictures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from passerelle.cohort_page.charts import Chart, time_to_job_chart, week_charts
from passerelle.cohort_page.gathering import Material

Row = dict[Any, Any]


@dataclass(frozen=True, kw_only=True)
class PlacementBar:
    """One line of the placement chart.

    Attributes
    ----------
    name, note : str
        Who is counted.
    people : str
        How many, and what became of them.
    low, high : float or None
        Bounds of the share for the unknown, 0-100; None while nothing can be said.
    least, most : float or None
        Wilson interval on the bounds, 0-100.
    verdict : str
        What it means for the promise.
    is_promise : bool
        Whether this is the definition that the school promised something about.
    kind : str
        ``holds``, ``open``, ``missed``, ``maturing`` or ``other``: the look of the bar.
    """

    name: str
    note: str
    people: str
    low: float | None
    high: float | None
    least: float | None
    most: float | None
    verdict: str
    is_promise: bool
    kind: str

    @property
    def share(self) -> str:
        """The bounds in words."""
        if self.low is None or self.high is None:
            return ""
        low, high = f"{self.low:.0f}", f"{self.high:.0f}"
        return f"{low} %" if low == high else f"{low}–{high} %"


@dataclass(frozen=True, kw_only=True)
class PlacementYear:
    """The cohorts of one intake year, and all of them together."""

    year: int
    together: PlacementBar
    cohorts: tuple[PlacementBar, ...]


@dataclass(frozen=True, kw_only=True)
class RunningCohort:
    """A cohort in training, against past cohorts at the same week."""

    name: str
    note: str
    chart: Chart


@dataclass(frozen=True, kw_only=True)
class CohortPage:
    """All that the template shows."""

    school: str
    as_of: dt.date
    target_pct: int
    definition: str
    years: tuple[PlacementYear, ...]
    definitions: tuple[PlacementBar, ...]
    definitions_of: str
    time_to_job: Chart | None
    at_risk: tuple[Row, ...]
    running: tuple[RunningCohort, ...]
    past_count: int


def cohort_page(material: Material) -> CohortPage:
    """View of a school's cohorts as of a Monday.

    Parameters
    ----------
    material : Material
        As ``gathering.gather`` gives it.
    """
    judged = _latest_judged_year(material.years)
    other = material.definitions[material.definitions["intake_year"] == judged]
    return CohortPage(
        school=material.school,
        as_of=material.as_of,
        target_pct=round(material.target * 100),
        definition=material.definition,
        years=tuple(_years(material)),
        definitions=tuple(_bar(row, name=row["title"], target=material.target) for row in _rows(other)),
        definitions_of=f"{judged}" if judged else "",
        time_to_job=_time_to_job(material),
        at_risk=tuple(_rows(material.curves.drop_duplicates("intake_year"))),
        running=tuple(_running(material)),
        past_count=material.past_count,
    )


def _rows(frame: pd.DataFrame) -> list[Row]:
    return frame.to_dict("records")


def _latest_judged_year(years: pd.DataFrame) -> int | None:
    """The newest intake of which everybody's outcome is settled."""
    settled = years.loc[years["is_mature"].astype(bool) & (years["immature_count"] == 0), "intake_year"]
    return int(settled.max()) if len(settled) else None


def _years(material: Material) -> Iterator[PlacementYear]:
    for row in _rows(material.years.sort_values("intake_year", ascending=False)):
        year = int(row["intake_year"])
        cohorts = material.cohorts[material.cohorts["intake_year"] == year]
        yield PlacementYear(
            year=year,
            together=_bar(row, name=f"Intake of {year}", target=material.target),
            cohorts=tuple(
                _bar(cohort, name=cohort["cohort_id"], note=_note(cohort), target=material.target)
                for cohort in _rows(cohorts.sort_values("start_date", ascending=False))
            ),
        )


def _note(row: Row | pd.Series) -> str:
    return " · ".join(str(part) for part in (row["training_title"], row["campus"]) if not pd.isna(part))


def _bar(row: Row, *, name: str, target: float, note: str = "") -> PlacementBar:
    low, high, least, most = (
        _percent(row[bound])
        for bound in ("placed_share_lower", "placed_share_upper", "wilson_low", "wilson_high")
    )
    is_promise = bool(row["definition_is_in_force"])
    verdict, kind = _verdict(row, target, is_promise=is_promise)
    return PlacementBar(
        name=name,
        note=note,
        people=_people(row),
        low=low,
        high=high,
        least=least,
        most=most,
        verdict=verdict,
        is_promise=is_promise,
        kind=kind,
    )


def _percent(share: Any) -> float | None:
    return None if pd.isna(share) else 100 * float(share)


def _people(row: Row) -> str:
    parts = {
        "placed": row["placed_count"],
        "not placed": row["not_placed_count"],
        "unknown": row["unknown_count"],
        "too early to say": row["immature_count"],
    }
    counted = sum(int(count) for count in parts.values())
    told = ", ".join(f"{int(count)} {what}" for what, count in parts.items() if count)
    return f"{counted} {'person' if counted == 1 else 'people'}: {told}" if counted else "nobody has left yet"


def _verdict(row: Row, target: float, *, is_promise: bool) -> tuple[str, str]:
    """What the counts mean for the promise; nothing under another definition, or while outcomes are to come."""
    if not is_promise:
        return "", "other"
    if not row["is_mature"] or row["immature_count"]:
        return "still maturing", "maturing"
    if row["placed_share_lower"] >= target:
        return "the promise holds", "holds"
    missing = int(row["heads_to_target"])
    if row["placed_share_upper"] >= target:
        return f"not known: it holds if {missing} of the unknown are placed", "open"
    return f"missed by {missing} {'placement' if missing == 1 else 'placements'}", "missed"


def _time_to_job(material: Material) -> Chart | None:
    curves = material.curves
    if curves.empty:
        return None
    by_horizon = curves[curves["waited_days"] <= material.horizon_days].drop_duplicates(
        "intake_year", keep="last"
    )
    told = ", ".join(
        f"{int(row['intake_year'])}: {row['placed_share']:.0%} of {int(row['people_count'])}"
        + (f" after {int(row['followed_days'])} days" if row["followed_days"] < material.horizon_days else "")
        for row in _rows(by_horizon)
    )
    return time_to_job_chart(
        curves,
        target=material.target,
        horizon_days=material.horizon_days,
        description=f"Share of graduates with a first job within {material.horizon_days} days, by intake year. {told}.",
    )


def _running(material: Material) -> Iterator[RunningCohort]:
    def described(cohort_id: str, rows: pd.DataFrame) -> str:
        last = rows.iloc[-1]
        same = material.past_weeks[material.past_weeks["week_of_training"] == last["week_of_training"]]
        past = f"; past cohorts {same['middle'].iloc[0]:.0%}" if len(same) else ""
        return (
            f"{cohort_id}, week {int(last['week_of_training'])}: attendance over four weeks "
            f"{last[material.measure]:.0%}{past}."
        )

    charts = week_charts(material.running, material.past_weeks, measure=material.measure, describe=described)
    for cohort_id, rows in material.running.groupby("cohort_id"):
        last = rows.iloc[-1]
        note = f"{_note(last)} · {int(last['active_count'])} of {int(last['enrolled_count'])} still there"
        yield RunningCohort(name=str(cohort_id), note=note, chart=charts[str(cohort_id)])
