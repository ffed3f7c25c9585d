"""Curves as SVG that follow the page: text stays text, and colours are the page's own, by day and by night."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Colours that matplotlib draws with, and the page's variable that each stands for.
INK, SOFT, LINE, BRIDGE, PAST, WARN = "#010101", "#020202", "#030303", "#040404", "#050505", "#060606"
VARIABLES = {INK: "ink", SOFT: "soft", LINE: "line", BRIDGE: "bridge", PAST: "dot", WARN: "warn"}
#: One drawing for a desk and one for a phone, in inches at 72 dots: text keeps its size on both.
WIDTHS = {"wide": 10.4, "narrow": 4.9}


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One picture in two widths, and what it shows in words.

    Attributes
    ----------
    drawings : dict
        ``wide`` and ``narrow`` to an SVG element.
    description : str
        What somebody who does not see it is told.
    """

    drawings: dict[str, str]
    description: str


def time_to_job_chart(curves: pd.DataFrame, *, target: float, horizon_days: int, description: str) -> Chart:
    """Share of graduates with a first job by days since they left, one step curve per intake year.

    Parameters
    ----------
    curves : pandas.DataFrame
        One row per ``intake_year`` and ``waited_days``: ``placed_share`` (0-1, Kaplan-Meier) and ``followed_days``,
        where the line ends: nobody of that intake has been followed longer.
    target : float
        Share that the school promises, 0-1.
    horizon_days : int
        Day on which the promise is judged.
    description : str
    """
    newest = sorted(curves["intake_year"].unique())[-3:]

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        _target(axes, target)
        axes.axvline(horizon_days, color=LINE, linewidth=1)
        for year, curve in curves.groupby("intake_year"):
            shade = BRIDGE if year == newest[-1] else INK if year in newest else PAST
            last = curve.iloc[-1]
            days = [*curve["waited_days"], last["followed_days"]]
            shares = [*curve["placed_share"], last["placed_share"]]
            axes.step(days, shares, where="post", color=shade, linewidth=1.8)
            if year in newest:
                _name(axes, last, shade)
        ticks = range(0, horizon_days + 1, 30)
        axes.set(xlim=(0, 1.1 * horizon_days), ylim=(0, 1), xlabel="days since leaving", xticks=ticks)

    return _chart(draw, height=3.9, description=description)


def _name(axes: Axes, last: pd.Series, shade: str) -> None:
    axes.annotate(
        f"{last['intake_year']:.0f}",
        (last["followed_days"], last["placed_share"]),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize=10,
        color=shade,
    )


def week_charts(
    running: pd.DataFrame, past: pd.DataFrame, *, measure: str, describe: Callable[[str, pd.DataFrame], str]
) -> dict[str, Chart]:
    """One small chart per running cohort: this cohort's weeks in front of the past cohorts' same weeks.

    Parameters
    ----------
    running : pandas.DataFrame
        One row per ``cohort_id`` and ``week_of_training``, with the ``measure`` (0-1).
    past : pandas.DataFrame
        One row per ``week_of_training``: ``low``, ``middle`` and ``high`` of the past cohorts.
    measure : str
        Column that is drawn.
    describe : callable
        Cohort and its rows to words.
    """
    return {
        str(cohort_id): _week_chart(rows, past, measure=measure, description=describe(str(cohort_id), rows))
        for cohort_id, rows in running.groupby("cohort_id")
    }


def _week_chart(rows: pd.DataFrame, past: pd.DataFrame, *, measure: str, description: str) -> Chart:
    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.fill_between(past["week_of_training"], past["low"], past["high"], color=LINE, linewidth=0)
        axes.plot(past["week_of_training"], past["middle"], color=SOFT, linewidth=1, linestyle=(0, (4, 3)))
        axes.plot(rows["week_of_training"], rows[measure], color=BRIDGE, linewidth=2.2)
        last = rows.iloc[-1]
        axes.plot(last["week_of_training"], last[measure], marker="o", markersize=5, color=BRIDGE)
        axes.set(
            xlim=(1, past["week_of_training"].max()),
            ylim=(min(0.7, rows[measure].min()), 1),
            xlabel="week of training",
        )

    return _chart(draw, height=2.1, description=description, widths={"wide": WIDTHS["narrow"]})


def _target(axes: Axes, target: float) -> None:
    axes.axhline(target, color=WARN, linewidth=1.2, linestyle=(0, (5, 3)))
    axes.annotate(
        f"promise {target:.0%}",
        (6, target),
        xytext=(0, 4),
        textcoords="offset points",
        fontsize=10,
        color=WARN,
    )


def _chart(
    draw: Callable[[Figure], None],
    *,
    height: float,
    description: str,
    widths: dict[str, float] = WIDTHS,
) -> Chart:
    drawings = {name: _drawn(draw, width=width, height=height) for name, width in widths.items()}
    return Chart(drawings=drawings, description=description)


def _drawn(draw: Callable[[Figure], None], *, width: float, height: float) -> str:
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    style: dict[Any, Any] = {
        "svg.fonttype": "none",
        "svg.hashsalt": "passerelle",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": LINE,
        "axes.labelcolor": SOFT,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "font.size": 10,
    }
    with mpl.rc_context(style):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        for axes in figure.axes:
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
            axes.grid(axis="y", color=LINE, linewidth=0.6)
            axes.set_axisbelow(True)
        written = io.StringIO()
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _in_page_colours(written.getvalue())


def _in_page_colours(svg: str) -> str:
    """The SVG element alone, its size and colours left to the page."""
    element = svg[svg.index("<svg ") :]
    element = re.sub(r' (?:width|height)="[\d.]+pt"', "", element, count=2)
    element = re.sub(r"<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    for colour, variable in VARIABLES.items():
        element = element.replace(colour, f"var(--{variable})")
    return element
