"""A name can do no harm, and stays readable."""

import pytest

from passerelle.reports.names import LONGEST_NAME, short_pseudonym, shown_name


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("Wout", "D'Hondt", "Wout D'Hondt"),
        ("Amélie", None, "Amélie"),
        (float("nan"), "Yılmaz", "Yılmaz"),
        ("  Ana\n", "\r\nBcc: x@y.z", "Ana Bcc: x@y.z"),
        ("Ana\u202e", "nosreP\u2066", "Ana nosreP"),
        ("A\x00n\x1ba", "\x7fB", "Ana B"),
        ("Line\u2028break", "\ud800", "Line break"),
        ("👩\u200d💻", "مریم", "👩\u200d💻 مریم"),
        ("e\u0301lodie", "", "élodie"),
        ("\u202e\u2066", "\n", ""),
    ],
)
def test_controls_and_direction_marks_go_and_the_name_stays(first: object, last: object, shown: str) -> None:
    assert shown_name(first, last) == shown


def test_a_name_of_ten_thousand_characters_is_cut() -> None:
    name = shown_name("A" * 10_000, "B")
    assert len(name) == LONGEST_NAME
    assert name.endswith("A…")


def test_a_pseudonym_is_shortened_to_what_tells_people_apart() -> None:
    assert short_pseudonym("lrn_0123456789abcdef") == "01234567"
