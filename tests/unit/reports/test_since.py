"""What a report says of earlier Mondays, in three languages."""

import datetime as dt
from typing import Any

import pytest

from passerelle.reports.forecast_view import by_scope, outlook
from passerelle.reports.since import change_line, off_line, record_line
from passerelle.reports.words import Words
from sample_edition import COHORT_ONLY, DUTCH, ENGLISH, FRENCH, MONDAY, PEOPLE, edition, forecasts


def report_of(owner: str) -> Any:
    return next(report for report in edition().reports() if report.owner_id == owner)


@pytest.mark.parametrize(
    ("change", "weeks", "said"),
    [
        ("new", 1, "Nieuw deze week"),
        ("still", 1, "1 week op de lijst"),
        ("still", 3, "3 weken op de lijst"),
        ("better", 2, "2 weken op de lijst, beter dan vorige maandag"),
        (None, None, ""),
    ],
)
def test_a_card_says_since_when_a_name_is_listed(change: str, weeks: int | None, said: str) -> None:
    assert change_line({"list_change": change, "weeks_on_list": weeks}, Words("nl")) == said


def test_who_has_left_the_list_was_contacted_or_made_room() -> None:
    said = [
        off_line("Wout D'Hondt", contacted, Words("en"), as_of=MONDAY)
        for contacted in (MONDAY - dt.timedelta(days=13), MONDAY - dt.timedelta(days=14), None)
    ]
    assert "contact on 10 November 2026" in said[0]
    assert said[1] == said[2]
    assert "contact" not in said[1]


def test_few_known_outcomes_say_nothing_of_the_lists() -> None:
    few, enough = ({"known_count": count, "needed_count": count // 3} for count in (19, 1200))
    words = Words("en")
    assert "Too few" in record_line(few, words, target="completes", days=180)
    assert record_line(enough, words, target="placed", days=180).startswith("Of 1,200 names")


def test_a_cohorts_forecast_stands_beside_the_aim() -> None:
    told = {"aim": 0.8, "days": 180, "words": Words("en")}
    known = outlook(by_scope(forecasts())["cohort", COHORT_ONLY], **told)
    assert known is not None
    assert "84% of those who finish" in known.sentence
    assert "70% to 93% is likely" in known.sentence
    assert known.low_x < known.aim_x < known.expected_x < known.high_x
    assert outlook(None, **told) is None
    useless = by_scope(forecasts().assign(low_share=0.0, high_share=1.0))
    assert outlook(useless["cohort", COHORT_ONLY], **told) is None


@pytest.mark.parametrize(
    ("low", "expected", "high", "cells"),
    [
        (
            0.7,
            0.84,
            0.93,
            [(70, False, ""), (10, True, "aim"), (4, True, "expected"), (9, True, ""), (7, False, "")],
        ),
        (0.5, 0.8, 1.0, [(50, False, ""), (30, True, "aim"), (20, True, "")]),
        (0.0, 0.004, 0.3, [(30, True, ""), (50, False, "aim"), (20, False, "")]),
    ],
)
def test_the_bar_of_a_mail_is_made_of_cells_that_fill_it(
    low: float, expected: float, high: float, cells: list[tuple[int, bool, str]]
) -> None:
    forecast = {"low_share": low, "expected_share": expected, "high_share": high}
    drawn = outlook(forecast, aim=0.8, days=180, words=Words("en"))
    assert drawn is not None
    assert list(drawn.cells) == cells
    assert sum(cell.width for cell in drawn.cells) == 100


@pytest.mark.parametrize("place", [6, 8])
def test_every_name_in_a_report_is_among_those_that_sending_checks(place: int) -> None:
    rows = edition().material.risk_list
    rows["is_just_outside"] = rows["is_near_cut"] = rows["list_place"] == place + 1
    for report in edition(risk_list=rows).reports():
        owner, own = report.owner_id, rows[rows["list_owner_id"] == report.owner_id]
        text = str(report)
        named = [name in text for name in PEOPLE[owner]]
        assert sum(named) == len(report.named) == 9 + (place == 8)
        assert set(own.loc[named, "enrolment_id"]) == set(report.named)


def test_the_one_drawn_by_lot_is_named_beside_the_list_and_has_no_card() -> None:
    report = report_of(FRENCH)
    assert report.also == (PEOPLE[FRENCH][7],)
    assert PEOPLE[FRENCH][7] not in {learner.name for learner in report.listed}


def test_a_coach_is_reminded_of_last_monday_s_names_without_an_answer_where_there_is_a_desk() -> None:
    assert report_of(FRENCH).reminder.startswith("1 nom de la liste de lundi dernier attend")
    assert report_of(DUTCH).reminder.startswith("4 namen van de lijst van vorige maandag")
    assert report_of(ENGLISH).reminder == report_of(COHORT_ONLY).reminder == ""
    assert {report.reminder for report in edition(answer_address=None).reports()} == {""}
