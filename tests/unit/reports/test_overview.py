"""What a campus lead and the director read: classes and campuses, whole classes that fell back, and no person."""

import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from passerelle.reports.class_problems import FEWEST_LEARNERS, class_problems
from passerelle.reports.index import read_index
from passerelle.reports.overview import Overview, overview
from passerelle.reports.render import as_html, as_text
from passerelle.reports.view import Edition
from passerelle.reports.words import Words
from passerelle.reports.writing import write_edition
from passerelle.school import OverviewReader, load_school
from sample_edition import CAMPUSES, COACHES, MONDAY, PEOPLE, checks, cohort_weeks, edition, forecasts, stale
from support_need.told_dates import LOCALES

CLASS = "BRU-2026-02"


def read_by(**changes: Any) -> Overview:
    return read_of(edition(), **changes)


def read_of(made: Edition, **changes: Any) -> Overview:
    reader = OverviewReader(**{"id": "lead", "language": "en", "address": "lead@school.test"} | changes)
    return overview(reader, made.classes, as_of=MONDAY)


def weeks(**newest: Any) -> pd.DataFrame:
    """Weeks of one class that go well, and what the newest one says instead."""
    rows = (
        cohort_weeks()
        .query("cohort_id == @CLASS")
        .assign(attended_share_4w=0.9, active_on_platform_share_1w=0.95, past_attended_share_4w=0.9)
    )
    last = rows["as_of_date"] == rows["as_of_date"].max()
    for name, value in newest.items():
        rows.loc[last, name] = value
    return rows


def problems(**newest: Any) -> tuple[str, ...]:
    return class_problems(weeks(**newest), [CLASS], Words("en"))


def test_a_lead_reads_of_the_own_campus_and_the_director_of_all_with_the_aim_and_the_heads_missing() -> None:
    lead, director = read_by(campus="Ghent", language="nl"), read_by()
    assert [scope.name for scope in lead.scopes] == ["Ghent"]
    assert all(cohort.name.startswith("GNT") for cohort in lead.scopes[0].cohorts)
    assert [scope.name for scope in director.scopes] == ["The whole school", *sorted(CAMPUSES.values())]
    outlooks = [scope.outlook for scope in director.scopes if scope.outlook]
    assert len(outlooks) == len(director.scopes)
    assert all("The aim is 80%" in each.sentence for each in outlooks)
    assert director.scopes[0].missing == "5 more jobs within 180 days would reach the aim of 80%."
    assert lead.scopes[0].missing == "Met 2 banen meer binnen 180 dagen is het doel van 80% bereikt."


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "is reached is 31%; it would be more than 99% if each of the 24 learners on this week's lists found",
        ),
        (
            "fr",
            "est de 31\N{NO-BREAK SPACE}%\N{NO-BREAK SPACE}; elle serait de plus de 99\N{NO-BREAK SPACE}% si",
        ),
        ("nl", "is 31%; ze zou meer dan 99% zijn als elk van de 24 cursisten op de lijsten van deze week"),
    ],
)
def test_leads_read_how_likely_the_aim_is_and_how_much_the_listed_learners_matter(
    language: str, said: str
) -> None:
    assert {said in scope.chance for scope in read_by(language=language).scopes} == {True}


def test_futures_that_all_miss_the_aim_are_no_certainty_and_nobody_listed_changes_nothing() -> None:
    hopeless = forecasts().assign(chance_target_holds=0.0, listed_count=0)
    told = {scope.chance for scope in read_of(edition(forecasts=hopeless)).scopes}
    assert told == {"The chance that the aim is reached is less than 1%."}
    assert {scope.chance for scope in read_of(edition(forecasts=forecasts().iloc[:0])).scopes} <= {""}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "found facts missing more often than ever, an unusual number of high scores and more bad outcomes than",
        ),
        (
            "fr",
            "des données qui manquent plus souvent que jamais, un nombre inhabituel de scores élevés et plus d'issues",
        ),
        (
            "nl",
            "gegevens die vaker ontbreken dan ooit, een ongewoon aantal hoge scores en meer slechte uitkomsten dan",
        ),
    ],
)
def test_what_the_watch_over_the_model_found_is_told_to_the_director_alone(language: str, said: str) -> None:
    loud = checks(work_late="missing", absence_recent="missing", logistic="flagged", more="outcomes")
    director, lead = (
        read_of(edition(checks=loud), language=language, campus=campus) for campus in (None, "Ghent")
    )
    assert said in director.watch
    page, text = as_html(director), " ".join(as_text(director).split())
    assert said in page.replace("&#39;", "'")
    assert said in text
    assert lead.watch == read_by(language=language).watch == ""
    assert 'id="watch"' not in as_html(lead) + as_html(read_by(language=language))


def test_no_learner_s_or_coach_s_name_or_key_can_be_in_what_leads_and_the_director_are_sent(
    tmp_path: Path,
) -> None:
    school = load_school("ai_school")
    result = write_edition(edition(school=school), folder=tmp_path / "pages", outbox=tmp_path / "mails")
    readers = school.overviews
    assert result.overviews == len(readers) == 7
    index = read_index(result.folder)
    assert {entry.owner for entry in index if not entry.enrolments} == {reader.id for reader in readers}
    risk = edition().material.risk_list
    people = {part for names in PEOPLE.values() for name in names for part in name.split() if len(part) > 3}
    people |= {part for person in COACHES.values() for part in map(str, person[1:])}
    people |= {*risk["learner_id"], *risk["enrolment_id"], *COACHES}
    for reader in readers:
        mail = message_from_bytes((result.outbox / f"{reader.id}.eml").read_bytes(), policy=default)
        sent = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        sent += [str(mail.items()), (result.folder / f"{reader.id}.html").read_text()]
        assert {name for name in people if any(name in text for text in sent)} == set()
        assert "/answer/" not in "".join(sent)
        assert str(mail["To"]) == reader.address


@pytest.mark.parametrize("language", LOCALES)
def test_page_and_text_say_the_same_facts_in_each_language(language: str) -> None:
    made = read_by(language=language)
    html, text = as_html(made), " ".join(as_text(made).split())
    assert f'lang="{language}"' in html
    for scope in made.scopes:
        assert scope.outlook
        for line in (scope.outlook.sentence, scope.chance, scope.missing):
            assert line.replace("\u00a0", " ") in text.replace("\u00a0", " ")
            assert line in html.replace("&#39;", "'")
    assert not re.search(r"\d[.,]\d+ ?%", text)


def test_a_class_that_goes_as_before_is_no_problem() -> None:
    assert problems() == ()
    assert read_by().problems_note.startswith("No class fell back")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "No class is in training"),
        ("fr", "Aucune classe n'y est"),
        ("nl", "Daar is deze week geen klas"),
    ],
)
def test_of_a_campus_without_a_class_nobody_is_told_that_no_class_fell_back(language: str, said: str) -> None:
    assert read_by(campus="Gent", language=language).problems_note.startswith(said)


@pytest.mark.parametrize(
    ("newest", "said"),
    [
        ({"attended_share_4w": 0.85}, "attendance was 85% over the last four weeks, 90%"),
        ({"active_on_platform_share_1w": 0.85}, "85% of the class was online last week, 95% on average"),
        ({"departed_count_1w": 3, "active_count": 20}, "3 of 23 learners left last week"),
    ],
)
def test_a_whole_class_that_falls_back_is_told_with_what_it_is_held_against(newest: Any, said: str) -> None:
    (line,) = problems(**newest)
    assert line.startswith(f"{CLASS}: ")
    assert said in line


@pytest.mark.parametrize(
    "newest",
    [
        {"attended_share_4w": 0.851},
        {"attended_share_4w": 0.8, "past_attended_share_4w": 0.82},
        {"attended_share_4w": 0.8, "past_cohort_count": 4},
        {"attended_share_4w": 0.8, "active_count": FEWEST_LEARNERS - 1},
        {"attended_share_4w": None, "active_on_platform_share_1w": None},
        {"active_on_platform_share_1w": 0.3, "past_active_on_platform_share_1w": 0.47},
        {"active_on_platform_share_1w": 0.0},
        {"departed_count_1w": 2, "active_count": 10},
        {"departed_count_1w": 3, "active_count": 30},
    ],
)
def test_what_past_classes_did_too_or_a_few_people_or_nothing_known_is_no_problem(newest: Any) -> None:
    assert problems(**newest) == ()


def test_a_class_in_its_first_weeks_is_not_judged() -> None:
    young = weeks(attended_share_4w=0.5).sort_values("as_of_date").tail(4)
    assert class_problems(young, [CLASS], Words("en")) == ()


@pytest.mark.parametrize(("campus", "problem_count"), [("Brussels", 1), ("Ghent", 2)])
def test_no_class_is_judged_by_what_its_own_campus_has_not_sent(campus: str, problem_count: int) -> None:
    late = stale(("attendance", "lms", campus, "2026-11-12 17:00"))
    told = read_of(edition(cohort_weeks=weeks(attended_share_4w=0.5, departed_count_1w=9), stale=late))
    assert len(told.problems) == problem_count
    assert "learners left" in told.problems[-1]
    assert [line.split(" (system lms)")[0] for line in told.stale] == [f"{campus}: attendance"]
    assert read_of(edition(stale=late), campus="Antwerp").stale == ()
