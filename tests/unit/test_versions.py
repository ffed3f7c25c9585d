"""New, known already, or a correction: told by key and known-at date, at the price of what overlaps."""

import datetime as dt

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passerelle.errors import DuplicateKey
from passerelle.versions import settle

SCHEMA = pa.schema(
    {
        "no": pa.string(),
        "day": pa.date32(),
        "value": pa.int64(),
        "_known_at": pa.timestamp("us"),
        "_is_correction": pa.bool_(),
        "_load_id": pa.string(),
    }
)
START = dt.datetime(2026, 1, 1)


def write(path, rows, load_id="load"):
    """Rows as (no, day of January, value, hours after new year at which it was known)."""
    columns = [
        {
            "no": no,
            "day": dt.date(2026, 1, day),
            "value": value,
            "_known_at": START + dt.timedelta(hours=hours),
            "_is_correction": False,
            "_load_id": load_id,
        }
        for no, day, value, hours in rows
    ]
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(columns, schema=SCHEMA), path, row_group_size=2)
    return path


def settled(folder, waiting, landed=(), key=("no", "day")):
    """Rows that a load adds, as (no, value, is_correction)."""
    to = folder / "to"
    count = settle(list(waiting), landed=list(landed), schema=SCHEMA, key=key, name="system.table", to=to)
    rows = [row for path in sorted(to.glob("*.parquet")) for row in pq.read_table(path).to_pylist()]
    assert count == len(rows)
    return [(row["no"], row["value"], row["_is_correction"]) for row in rows]


def test_a_version_that_has_landed_is_dropped_and_a_later_one_corrects_it(tmp_path):
    landed = [write(tmp_path / "landed/1.parquet", [("a", 1, 10, 1), ("b", 1, 20, 1)])]
    waiting = [write(tmp_path / "in/1.parquet", [("a", 1, 10, 1), ("b", 1, 21, 5), ("c", 1, 30, 5)])]
    assert settled(tmp_path, waiting, landed) == [("b", 21, True), ("c", 30, False)]


def test_an_earlier_known_row_of_the_same_load_is_corrected_by_the_later_one(tmp_path):
    waiting = [
        write(tmp_path / "in/1.parquet", [("a", 1, 11, 9)]),
        write(tmp_path / "in/2.parquet", [("a", 1, 10, 1), ("a", 2, 10, 1)]),
    ]
    assert settled(tmp_path, waiting) == [("a", 11, True), ("a", 10, False), ("a", 10, False)]


def test_a_version_that_arrives_after_a_later_one_has_landed_is_a_correction_too(tmp_path):
    landed = [write(tmp_path / "landed/1.parquet", [("a", 1, 10, 9)])]
    assert settled(tmp_path, [write(tmp_path / "in/1.parquet", [("a", 1, 9, 1)])], landed) == [("a", 9, True)]


def test_equal_rows_of_one_load_count_once(tmp_path):
    waiting = [
        write(tmp_path / f"in/{number}.parquet", [("a", 1, 10, 1)], load_id=str(number)) for number in (1, 2)
    ]
    assert settled(tmp_path, waiting) == [("a", 10, False)]


def test_two_contents_of_one_version_are_refused_with_their_key(tmp_path):
    rows = [("a", 1, 10, 1), ("b", 3, 1, 1), ("b", 3, 2, 1)]
    with pytest.raises(DuplicateKey, match=r"system.table: no = b, day = 2026-01-03 .* 2026-01-01 01:00:00"):
        settled(tmp_path, [write(tmp_path / "in/1.parquet", rows)])


def test_another_content_than_what_has_landed_is_refused(tmp_path):
    landed = [write(tmp_path / "landed/1.parquet", [("a", 1, 10, 1)])]
    with pytest.raises(DuplicateKey, match="no = a"):
        settled(tmp_path, [write(tmp_path / "in/1.parquet", [("a", 1, 11, 1)])], landed)


def test_without_a_key_every_row_counts(tmp_path):
    rows = [("a", 1, 10, 1), ("a", 1, 10, 1)]
    assert len(settled(tmp_path, [write(tmp_path / "in/1.parquet", rows)], key=())) == 2


def test_history_that_does_not_overlap_is_not_read(tmp_path):
    landed = write(tmp_path / "landed/1.parquet", [("a", day, 10, day) for day in range(1, 29)])
    content = bytearray(landed.read_bytes())
    first_group = pq.ParquetFile(landed).metadata.row_group(0).column(0)
    start = first_group.dictionary_page_offset or first_group.data_page_offset
    content[start : start + first_group.total_compressed_size] = b"\xff" * first_group.total_compressed_size
    landed.write_bytes(content)
    assert settled(tmp_path, [write(tmp_path / "in/1.parquet", [("a", 28, 11, 99)])], [landed]) == [
        ("a", 11, True)
    ]
    with pytest.raises(OSError, match=r"(?i)page|header|corrupt|thrift"):
        settled(tmp_path, [write(tmp_path / "in/2.parquet", [("a", 1, 11, 99)])], [landed])


ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 3), st.integers(0, 3)), max_size=8)


@settings(deadline=None, max_examples=40)
@given(loads=st.lists(ROWS, min_size=1, max_size=4))
def test_load_after_load_agrees_with_the_definition(tmp_path_factory, loads):
    folder = tmp_path_factory.mktemp("loads")
    landed, versions = [], set()
    for number, load in enumerate(loads):
        rows = [(no, day, hours, hours) for no, day, hours in load]
        waiting = [write(folder / f"in{number}/{half}.parquet", rows[half::2]) for half in (0, 1)]
        to = folder / f"to{number}"
        settle(waiting, landed=landed, schema=SCHEMA, key=("no", "day"), name="system.table", to=to)
        found = [row for path in to.glob("*.parquet") for row in pq.read_table(path).to_pylist()]
        new = {(no, day, hours) for no, day, hours, _ in rows} - versions
        expected = {
            version: any(version[:2] == old[:2] for old in versions)
            or any(version[:2] == other[:2] and other[2] < version[2] for other in new)
            for version in new
        }
        assert {(row["no"], row["day"].day, row["value"]): row["_is_correction"] for row in found} == expected
        assert len(found) == len(new)
        versions |= new
        landed += sorted(to.glob("*.parquet"))
