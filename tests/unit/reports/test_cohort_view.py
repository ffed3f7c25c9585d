"""The cohort's line: now and four weeks before, and an honest little curve."""

import math

import pandas as pd
import pytest

from passerelle.reports.cohort_view import (
    CURVE_BOTTOM,
    CURVE_HEIGHT,
    CURVE_LEFT,
    CURVE_RIGHT,
    CURVE_TOP,
    CURVE_WIDTH,
    CohortLine,
    cohort_line,
    drawn,
    weeks_by_cohort,
)
from passerelle.reports.words import Words
from sample_edition import cohort_weeks

CLASS = "BRU-2026-02"
TWELVE_WEEKS = cohort_weeks().query("cohort_id == @CLASS")


def line(weeks: pd.DataFrame, language: str = "en") -> CohortLine:
    own = weeks_by_cohort(weeks).get(CLASS, [])
    return cohort_line(own, cohort_id=CLASS, title="Data Analyst", words=Words(language))


def test_each_figure_stands_beside_what_it_was_four_weeks_before() -> None:
    shown = [(figure.label, figure.now, figure.before) for figure in line(TWELVE_WEEKS).figures]
    assert shown == [
        ("Active learners", "22", "24"),
        ("Attendance, last four weeks", "92%", "89%"),
        ("Handed in, of all work due", "88%", "90%"),
    ]


def test_rows_in_any_order_give_the_same_line() -> None:
    assert line(TWELVE_WEEKS.iloc[::-1]) == line(TWELVE_WEEKS)


def test_a_young_cohort_is_compared_with_nothing() -> None:
    assert {figure.before for figure in line(TWELVE_WEEKS.head(4)).figures} == {""}
    assert line(TWELVE_WEEKS.head(5)).figures[0].before == "26"


def test_facts_that_the_school_does_not_have_leave_no_line() -> None:
    without = TWELVE_WEEKS.assign(attended_share_4w=math.nan, handed_in_share=None)
    assert [figure.label for figure in line(without).figures] == ["Active learners"]
    assert line(without).curve.description == (
        "Seen online each week, last 12 weeks: between 82% and 85%. Past classes at the same point: 95%."
    )


def test_before_its_first_monday_a_cohort_has_a_name_only() -> None:
    empty = line(TWELVE_WEEKS.head(0))
    assert (empty.name, empty.note, empty.figures, empty.curve) == ("BRU-2026-02", "Data Analyst", (), None)


def test_the_curve_says_in_words_what_it_draws() -> None:
    assert line(TWELVE_WEEKS, "fr").curve.description == (
        "Présence sur les 12 dernières semaines\u00a0: entre 89\u00a0% et 96\u00a0%. "
        "Classes passées au même moment\u00a0: 91\u00a0%."
    )


def test_the_curve_stays_in_its_frame_and_bridges_a_missing_week() -> None:
    curve = drawn([1.0, math.nan, 0.5, 0.75], past=[math.nan, 0.75, 0.75, math.nan])
    top, bottom, right = CURVE_TOP, CURVE_HEIGHT - CURVE_BOTTOM, CURVE_WIDTH - CURVE_RIGHT
    third = (CURVE_WIDTH - CURVE_LEFT - CURVE_RIGHT) / 3
    middle = CURVE_LEFT + 2 * third
    assert curve.path == (
        f"M{CURVE_LEFT:.1f} {top:.1f}L{middle:.1f} {bottom:.1f}L{right:.1f} {(top + bottom) / 2:.1f}"
    )
    assert (curve.last_x, curve.last_y) == (right, (top + bottom) / 2)
    between = (CURVE_LEFT + third, (top + bottom) / 2)
    assert curve.past == f"M{between[0]:.1f} {between[1]:.1f}L{middle:.1f} {between[1]:.1f}"


@pytest.mark.parametrize(("shares", "height"), [([0.95, 0.9], 24.0), ([1.0, 0.1], 88.0)])
def test_a_wobble_does_not_look_like_a_collapse(shares: list[float], height: float) -> None:
    assert drawn(shares, past=[]).last_y == pytest.approx(height, abs=0.1)
