"""Whatever a name, an address, a class or a title holds: page, text, subject and headers stay what we made them."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from html.parser import HTMLParser
from typing import Any, cast

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from passerelle.reports.mail import as_mail
from passerelle.reports.render import as_html, as_mail_html, as_text
from passerelle.reports.report import Report
from sample_edition import ENGLISH, edition

WEAPONS = [
    "<script>alert(1)</script>",
    "</style></title><svg onload=alert(1)>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "javascript:alert(1)",
    "<!--",
    "]]>",
    "&lt;b&gt;&#60;",
    "{{ 7 * 7 }}{% include 'x' %}",
    "{name}%s",
    "\r\nBcc: all@school.test\r\n\r\n",
    "\n\n--=_boundary\n",
    "\u202edlrow\u2066\u200f\u2028\u0085\x00\x1b[31m",
    "=HYPERLINK(1)",
    "@SUM(1)",
    "😀" * 50,
    "👩‍👩‍👧‍👦",
    "W" * 10_000,
    "D'Hondt",
    "e\u0301" * 40,
]
HOSTILE = st.lists(st.sampled_from(WEAPONS) | st.text(max_size=12), max_size=4).map("".join)
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Shape(HTMLParser):
    """Tags and attributes of a page; the value of an attribute counts unless it is read aloud with a name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[object] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.parts.append((tag, [(key, "" if key == "aria-label" else value) for key, value in attributes]))

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.parts.append(f"!{data}")

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"!{decl}")

    def unknown_decl(self, data: str) -> None:
        self.parts.append(f"!{data}")


def report_of(**changes: Any) -> Report:
    return next(report for report in edition(**changes).reports() if report.owner_id == ENGLISH)


def mail_of(report: Report, address: str) -> EmailMessage:
    made = as_mail(
        report,
        html=as_mail_html(report),
        text=as_text(report),
        address=address,
        stem="cch",
        time_zone="Europe/Brussels",
    )
    return cast(EmailMessage, message_from_bytes(made.content, policy=SMTP))


CALM = report_of()
CALM_SHAPES = [Shape(form(CALM)).parts for form in (as_html, as_mail_html)]
CALM_HEADERS = mail_of(CALM, "coach@school.test").items()


@settings(max_examples=25, deadline=None)
@given(first=HOSTILE, last=HOSTILE, title=HOSTILE, address=HOSTILE)
def test_no_element_attribute_header_or_line_comes_from_data(
    first: str, last: str, title: str, address: str
) -> None:
    material = edition().material
    named = {"first_name": "A" + first, "last_name": last}
    report = report_of(
        learner_people=material.learner_people.assign(**named),
        coach_people=material.coach_people.assign(**named),
        cohorts=pd.DataFrame({"training_title": "T" + title}, index=material.cohorts.index),
    )
    assert [Shape(form(report)).parts for form in (as_html, as_mail_html)] == CALM_SHAPES
    assert not CONTROLS.search(as_text(report))
    assert not re.search(r"(?m)^(Bcc:|--=_)", as_text(report))
    message = mail_of(report, address)
    calm = dict(CALM_HEADERS)
    assert {key: value for key, value in message.items() if calm.get(key) != value}.keys() <= {
        "To",
        "X-Passerelle-Undeliverable",
    }
    assert message["Subject"] == CALM.subject
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_no_name_begins_a_line_of_the_mail_wherever_the_text_is_wrapped() -> None:
    people = edition().material.learner_people
    named = people.assign(first_name="--=_first", last_name="--=_boundary " * 9)
    assert not re.search(r"(?m)^--=_", as_text(report_of(learner_people=named)))


def test_a_page_that_let_a_name_through_would_be_seen() -> None:
    assert Shape(as_html(CALM).replace(CALM.listed[0].name, "<b>x</b>")).parts != CALM_SHAPES[0]
