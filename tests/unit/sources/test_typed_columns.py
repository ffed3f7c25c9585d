"""A database's own types must be of the declared family; what fits is converted without loss."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from passerelle.errors import BadValue, SchemaMismatch
from passerelle.sources.typed_columns import as_declared


def declared(values, kind, arrow_type=None):
    column = pa.array(values, arrow_type)
    return as_declared(column, name="x", kind=kind, place_name="s.t", fix="the database").to_pylist()


def test_times_with_a_zone_become_utc_and_times_without_are_utc():
    nine_in_brussels = dt.datetime(2026, 7, 1, 9, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert declared([nine_in_brussels], "timestamp", pa.timestamp("us", "Europe/Brussels")) == [
        dt.datetime(2026, 7, 1, 7)
    ]
    assert declared([dt.datetime(2026, 7, 1, 9)], "timestamp", pa.timestamp("ns")) == [
        dt.datetime(2026, 7, 1, 9)
    ]


def test_decimals_are_whole_numbers_only_where_nothing_is_lost():
    assert declared([Decimal("3.00")], "integer") == [3]
    assert declared([Decimal("3.25"), None], "number") == [3.25, None]
    with pytest.raises(BadValue, match="'x' does not fit"):
        declared([Decimal("3.25")], "integer")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused(value):
    with pytest.raises(BadValue, match="infinite or undefined"):
        declared([1.0, value, None], "number")


@pytest.mark.parametrize(
    ("values", "kind"),
    [(["1"], "integer"), ([1], "text"), (["2026-01-01"], "date"), ([1], "boolean"), ([1.5], "integer")],
)
def test_another_family_of_types_is_refused(values, kind):
    with pytest.raises(SchemaMismatch, match="'x' is of type"):
        declared(values, kind)


@pytest.mark.parametrize("kind", ["text", "integer", "number", "boolean", "date", "timestamp"])
def test_a_column_of_nothing_has_the_declared_type(kind):
    assert declared([None, None], kind, pa.null()) == [None, None]
