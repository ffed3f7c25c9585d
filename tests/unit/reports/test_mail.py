"""The mail: the same bytes for the same Monday, no name in a header, no way to add a header."""

import datetime as dt
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from passerelle.reports.mail import Mail, as_mail
from passerelle.reports.render import as_mail_html, as_text
from sample_edition import FRENCH, PEOPLE, edition

REPORT = next(report for report in edition().reports() if report.owner_id == FRENCH)
HTML, TEXT = as_mail_html(REPORT), as_text(REPORT)


def mail_to(address: object, time_zone: str = "Europe/Brussels") -> Mail:
    return as_mail(REPORT, html=HTML, text=TEXT, address=address, stem=FRENCH, time_zone=time_zone)


def read(mail: Mail) -> EmailMessage:
    message = message_from_bytes(mail.content, policy=SMTP)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def test_a_mail_holds_both_of_its_forms_whole() -> None:
    message = read(mail_to("sophie.lambert@school.test"))
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    bodies = [part.get_content().replace("\r\n", "\n") for part in message.iter_parts()]
    assert bodies == [TEXT, HTML]


def test_the_headers_say_whom_when_and_in_which_language_and_no_name() -> None:
    message = read(mail_to("sophie.lambert@school.test"))
    assert message["To"] == "sophie.lambert@school.test"
    assert message["Subject"] == "Votre semaine du 23 novembre 2026"
    assert message["Date"].datetime == dt.datetime.fromisoformat("2026-11-23T07:00:00+01:00")
    assert message["Content-Language"] == "fr"
    headers = " ".join(value for name, value in message.items() if name != "To").split()
    names = {part for name in [*PEOPLE[FRENCH], "Sophie Lambert"] for part in name.split()}
    assert len(headers) > 15
    assert names & set(headers) == set()


def test_the_monday_is_seven_o_clock_in_the_schools_own_time_zone() -> None:
    message = read(mail_to(None, "Europe/London"))
    assert message["Date"].datetime == dt.datetime.fromisoformat("2026-11-23T07:00:00+00:00")


def test_the_same_report_gives_the_same_bytes() -> None:
    assert mail_to("a@school.test") == mail_to("a@school.test")


@pytest.mark.parametrize(
    "address",
    [
        None,
        float("nan"),
        "",
        "no-at-sign",
        "two@at@signs.test",
        "sophie@school.test\r\nBcc: all@school.test",
        "sophie@school.test, all@school.test",
        "Sophie <sophie@school.test>",
        "sophie@school.test;all@school.test",
        "s\u0000phie@school.test",
        "sôphie@school.test",
        "@school.test",
        "sophie@",
        "a" * 10_000 + "@school.test",
    ],
)
def test_what_is_not_one_address_gives_a_marked_placeholder(address: object) -> None:
    mail = mail_to(address)
    message = read(mail)
    assert not mail.is_deliverable
    assert message["To"] == f"{FRENCH}@invalid"
    assert message["X-Passerelle-Undeliverable"]
    assert message["Bcc"] is None


def test_a_real_address_is_not_marked() -> None:
    mail = mail_to("sophie.lambert@school.test")
    assert mail.is_deliverable
    assert read(mail)["X-Passerelle-Undeliverable"] is None
