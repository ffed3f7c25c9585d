"""What the cohort page says of counts."""

from __future__ import annotations

import pandas as pd
import pytest

from passerelle.cohort_page.view import cohort_page
from sample_cohorts import material

SAID = {
    2022: ("the promise holds", "85 %", "20 people: 17 placed, 3 not placed"),
    2023: (
        "not known: it holds if 4 of the unknown are placed",
        "60–85 %",
        "20 people: 12 placed, 3 not placed, 5 unknown",
    ),
    2024: ("missed by 3 placements", "65 %", "20 people: 13 placed, 7 not placed"),
    2026: ("still maturing", "75 %", "17 people: 6 placed, 2 not placed, 9 too early to say"),
    2025: ("still maturing", "", "9 people: 9 too early to say"),
}


@pytest.mark.parametrize("year", SAID)
def test_a_year_says_what_its_counts_mean_for_the_promise(year: int) -> None:
    (shown,) = (shown for shown in cohort_page(material()).years if shown.year == year)
    assert (shown.together.verdict, shown.together.share, shown.together.people) == SAID[year]
    assert [line.verdict for line in shown.cohorts] == [SAID[year][0]]


def test_the_newest_intake_comes_first() -> None:
    assert [shown.year for shown in cohort_page(material()).years] == [2026, 2025, 2024, 2023, 2022]


def test_other_definitions_are_shown_for_the_latest_intake_that_is_judged() -> None:
    page = cohort_page(material())
    assert page.definitions_of == "2024"
    assert [line.name for line in page.definitions] == [
        "Graduates who found a job within 180 days",
        "In work on the day *",
    ]


def test_the_promise_is_held_against_its_own_definition_only() -> None:
    promised, other = cohort_page(material()).definitions
    assert (promised.is_promise, promised.verdict) == (True, "missed by 3 placements")
    assert (other.is_promise, other.verdict, other.share) == (False, "", "65 %")


def test_a_running_cohort_is_set_against_the_same_week_of_past_ones() -> None:
    (running,) = cohort_page(material()).running
    assert running.note == "Data & AI · Ghent · 21 of 24 still there"
    assert running.chart.description.endswith("week 6: attendance over four weeks 84%; past cohorts 90%.")


def test_a_school_without_outcomes_has_a_page_without_them() -> None:
    whole = material()
    empty = {name: getattr(whole, name).head(0) for name in ("cohorts", "years", "definitions", "curves")}
    page = cohort_page(material(**empty))
    assert (page.years, page.definitions, page.time_to_job) == ((), (), None)
    assert len(page.running) == 1


def test_people_behind_each_curve_are_named() -> None:
    page = cohort_page(material())
    assert [(row["intake_year"], row["people_count"]) for row in page.at_risk] == [(2024, 20), (2025, 9)]
    assert "2024: 50% of 20, 2025: 20% of 9 after 62 days" in page.time_to_job.description


def test_an_empty_school_has_a_page() -> None:
    whole = material()
    frames = {name: value.head(0) for name, value in vars(whole).items() if isinstance(value, pd.DataFrame)}
    assert cohort_page(material(**frames)).running == ()
