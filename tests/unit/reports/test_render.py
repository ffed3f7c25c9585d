"""The page: one file that loads nothing and runs nothing, whatever a name holds."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

from passerelle.reports.render import as_html, as_mail_html, as_text
from passerelle.reports.report import Report
from sample_edition import COACHES, COHORT_ONLY, DUTCH, ENGLISH, FRENCH, edition

OWNERS = [FRENCH, DUTCH, ENGLISH, COHORT_ONLY]
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} {% raw %} {count}",
    "</style></title><svg onload=alert(1)>",
    "Wout\r\nBcc: all@school.test\r\n\r\n<b>body</b>",
    "\u202edlrow\u2066 \u200f\u0000",
    "=HYPERLINK(1)",
    "😀" * 400,
    "A" * 10_000,
    "D'Hondt & 't Jaeckx",
]
VOID = {"meta", "br", "img", "link", "circle", "path", "line", "rect"}


class Page(HTMLParser):
    """Tags, attributes and text of a page; fails on a tag that is not closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, data: str) -> None:
        self.text += data


def report_of(owner: str, **changes: Any) -> Report:
    return next(report for report in edition(**changes).reports() if report.owner_id == owner)


def hostile_people() -> pd.DataFrame:
    people = edition().material.learner_people
    names = [HOSTILE[place % len(HOSTILE)] for place in range(len(people))]
    return people.assign(first_name=names, last_name=names[::-1])


@pytest.mark.parametrize("owner", OWNERS)
def test_the_page_is_well_formed_and_says_its_language(owner: str) -> None:
    report = report_of(owner)
    page = Page(as_html(report))
    assert ("lang", report.language) in page.attributes
    assert [page.tags.count(tag) for tag in ("h1", "header", "main", "aside", "footer")] == [1] * 5
    assert page.tags.count("article") == 6
    assert all(learner.name in page.text for learner in report.listed)


@pytest.mark.parametrize("owner", OWNERS)
def test_the_page_loads_nothing_and_runs_nothing(owner: str) -> None:
    html = as_html(report_of(owner))
    page = Page(html)
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in html
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(page.tags)
    addresses = [value for name, value in page.attributes if name in {"src", "href", "action"}]
    answers = [reply.address for learner in report_of(owner).listed for reply in learner.replies]
    assert addresses == ["#list", *answers]
    assert len(answers) == (18 if owner in COACHES else 0)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert len(re.findall(r"https?:|url\(|@import", html)) == len(answers)


def test_hostile_names_stay_text() -> None:
    calm, hostile = (
        Page(as_html(report_of(ENGLISH, **changes))) for changes in ({}, {"learner_people": hostile_people()})
    )
    assert hostile.tags == calm.tags
    assert [name for name, _ in hostile.attributes] == [name for name, _ in calm.attributes]
    assert "<script>alert(1)</script>" in hostile.text
    assert "{{ 7 * 7 }}" in hostile.text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200f\x00]", hostile.text)


def test_hostile_names_cannot_break_the_lines_of_the_text() -> None:
    text = as_text(report_of(ENGLISH, learner_people=hostile_people()))
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e]", text)
    assert not [line for line in text.splitlines() if line.startswith("Bcc:")]
    assert max(map(len, text.splitlines())) < 200


def test_a_hostile_cohort_stays_text() -> None:
    rows = edition().material.risk_list.assign(cohort_id="<script>x</script>")
    html = as_html(report_of(ENGLISH, risk_list=rows))
    assert "<script>" not in html
    assert "&lt;script&gt;x&lt;/script&gt;" in html


@pytest.mark.parametrize("owner", OWNERS)
def test_the_mail_needs_no_drawing_no_script_and_nothing_to_unfold(owner: str) -> None:
    mail = as_mail_html(report_of(owner))
    found = Page(mail)
    assert not {"svg", "img", "script", "details", "link", "form"} & set(found.tags)
    assert not re.search(r"var\(|display: (grid|flex)|url\(|#list", mail)
    assert found.tags.count("article") == 6
    assert found.tags.count("h1") == 1


@pytest.mark.parametrize("owner", OWNERS)
def test_every_drawing_of_the_page_has_its_words(owner: str) -> None:
    html = as_html(report_of(owner))
    drawings = re.findall(r"<svg[^>]*>", html)
    figures = re.findall(r"<figure.*?</figure>", html, flags=re.DOTALL)
    spoken = [drawing for drawing in drawings if re.search(r'role="img" aria-label="[^"]{20,}"', drawing)]
    assert len(spoken) == 6
    assert all("aria-hidden" in drawing for drawing in drawings if drawing not in spoken)
    assert len(figures) > 7
    assert all(re.search(r"<figcaption>[^<]{20,}</figcaption>", figure) for figure in figures)


def test_a_learner_of_whom_no_week_is_known_has_a_card_without_strip() -> None:
    weeks = edition().material.learner_weeks.iloc[:0]
    assert {learner.weeks for learner in report_of(ENGLISH, learner_weeks=weeks).listed} == {None}
    assert "<details>" not in as_html(report_of(ENGLISH, learner_weeks=weeks))


def test_mail_and_text_lead_to_the_page_and_the_page_does_not() -> None:
    report = report_of(FRENCH)
    assert report.page_address.endswith(f"/report/{FRENCH}")
    assert f'href="{report.page_address}"' in as_mail_html(report)
    assert report.page_address in as_text(report).splitlines()
    assert report.page_address not in as_html(report)
    assert report_of(COHORT_ONLY).page_address == report_of(FRENCH, page_address=None).page_address == ""


@pytest.mark.parametrize("form", [as_html, as_mail_html])
@pytest.mark.parametrize("owner", OWNERS)
def test_page_mail_and_text_say_the_same(owner: str, form: Callable[[Report], str]) -> None:
    report = report_of(owner)
    page, text = (" ".join(shown.split()) for shown in (Page(form(report)).text, as_text(report)))
    said = [*report.notice, *report.others, *report.about]
    for learner in report.listed:
        said += [learner.name, *learner.reasons, learner.strength, learner.band.sentence]
        said += [learner.conversation.ask, learner.conversation.offer]
    assert report.just_outside is not None
    said.append(f"{report.just_outside.label} {report.just_outside.names[0]}.")
    flat = [" ".join(sentence.split()) for sentence in said]
    assert len(flat) > 30
    assert [sentence for sentence in flat if sentence not in page or sentence not in text] == []


def test_no_rank_number_stands_before_a_name() -> None:
    html = as_html(report_of(ENGLISH))
    assert "<ol" not in html
    assert not re.search(r"\d\s*</?[^>]*>\s*Chidinma", html)
