"""Which file belongs to which table, and in which order they are read."""

import datetime as dt

import pytest

from passerelle.errors import BadFile, NationalNumberFound
from passerelle.sources.files import dated_files
from passerelle.sources.pull import declared_places


@pytest.fixture
def attendance(tiny_school):
    return next(place for place in declared_places("tiny") if place.name == "platform.attendance")


def names(place, folder, *created):
    for name in created:
        (folder / name).write_text("")
    return [(path.name, day) for path, day in dated_files(place, folder)]


def test_files_are_read_in_the_order_of_their_days(attendance, tmp_path):
    found = names(
        attendance, tmp_path, "attendance_20260103.csv", "attendance_2026-01-02.csv", "other.csv", "README.md"
    )
    assert found == [
        ("attendance_2026-01-02.csv", dt.date(2026, 1, 2)),
        ("attendance_20260103.csv", dt.date(2026, 1, 3)),
    ]


def test_a_file_of_the_table_with_the_longer_name_is_not_taken_for_ours(attendance, tmp_path):
    assert names(attendance, tmp_path, "attendance_note_2026-01-02.csv") == []


@pytest.mark.parametrize(
    "name", ["attendance_2026-02-30.csv", "attendance_.csv", "attendance_2026-01-02 (1).csv"]
)
def test_a_name_without_a_day_is_refused_and_not_repeated(attendance, tmp_path, name):
    with pytest.raises(BadFile, match="not with a day") as caught:
        names(attendance, tmp_path, name)
    assert name not in str(caught.value)


def test_a_national_number_in_a_name_is_refused_and_not_repeated(attendance, tmp_path):
    with pytest.raises(NationalNumberFound) as caught:
        names(attendance, tmp_path, "attendance_2026-01-02_85073003328.csv")
    assert "033" not in str(caught.value).replace(str(tmp_path), "")
