"""Text is read as its declared type, or not at all."""

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerelle.errors import ConfigError
from passerelle.school import System
from passerelle.sources.casting import reading


def read(kind, *texts, **dialect):
    system = System(kind="files", location_env="X", tables={}, **dialect)
    return reading(kind, system).read(pa.array(texts, pa.string())).to_pylist()


@pytest.mark.parametrize(
    ("kind", "texts", "values"),
    [
        ("integer", ["12", "-3", "007"], [12, -3, 7]),
        ("integer", ["12.0", "1e3", " 1", "+1", "", "9" * 19], [None] * 6),
        ("number", ["12", "12.5", "-0.1", "1e3"], [12, 12.5, -0.1, 1000]),
        ("number", ["12,5", "nan", "inf", "1.", ".5", "1_000", "0x1"], [None] * 7),
        ("boolean", ["true", "False", "1", "0", "Yes", "n"], [True, False, True, False, True, False]),
        ("boolean", ["ja", "2", ""], [None] * 3),
        ("date", ["2026-02-28", "2024-02-29"], [dt.date(2026, 2, 28), dt.date(2024, 2, 29)]),
        ("date", ["2026-02-29", "2026-2-8", "28/02/2026", "2026-02-28T00:00:00", "2026-13-01"], [None] * 5),
        ("timestamp", ["2026-11-22T21:00:59Z"], [dt.datetime(2026, 11, 22, 21, 0, 59)]),
        (
            "timestamp",
            ["2026-11-22T24:00:00Z", "2026-11-31T21:00:00Z", "2026-11-22T21:00:00", "2026-11-22"],
            [None] * 4,
        ),
        ("text", [" as it is ", "é"], [" as it is ", "é"]),
    ],
)
def test_only_what_is_written_as_declared_is_read(kind, texts, values):
    assert read(kind, *texts) == values


def test_a_system_may_write_in_its_own_way():
    assert read("number", "1,5", "1.5", decimal=",") == [1.5, None]
    assert read("date", "31/12/2026", "2026-12-31", "31/02/2026", date_format="%d/%m/%Y") == [
        dt.date(2026, 12, 31),
        None,
        None,
    ]


def test_a_format_that_cannot_be_read_strictly_is_refused():
    with pytest.raises(ConfigError, match="%b"):
        read("date", "31 Dec 2026", date_format="%d %b %Y")


@given(st.dates())
def test_every_date_comes_back(day):
    assert read("date", f"{day.day:02}.{day.month:02}.{day.year:04}", date_format="%d.%m.%Y") == [day]


@given(st.text(max_size=12))
def test_no_text_breaks_the_reading(text):
    for kind in ("integer", "number", "boolean", "date", "timestamp", "text"):
        assert len(read(kind, text)) == 1
