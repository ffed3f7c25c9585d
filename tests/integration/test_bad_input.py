"""Whatever a system sends, the user gets one clear message, the other tables land, and nothing is lost."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner

from passerelle.cli import app
from passerelle.errors import (
    BadFile,
    BadValue,
    DuplicateKey,
    NationalNumberFound,
    SchemaMismatch,
    SourceError,
    UnreachableSource,
)
from passerelle.sources.pull import declared_places
from tiny_school import ATTENDANCE, CLICKS, NOTES, OFFICE, PLACEMENTS, TinySchool

ATTENDANCE_FILE = "platform/attendance_2026-01-12.csv"
NOTE_FILE = "platform/attendance_note_2026-01-12.csv"
PLACEMENT_FILE = "service/placement_2026-03-01.csv"
CLEARED = "drop table if exists learner; drop table if exists coach;"
CONTRADICTION = "E1,2026-01-12,absent,180,2026-01-12T18:00:00Z\n"
LEARNER, ATTENDED, NOTE, PLACED = (
    "office.learner",
    "platform.attendance",
    "platform.attendance_note",
    "service.placement",
)


@dataclass(frozen=True)
class BadInput:
    """Something wrong in one table: what to change, what the message must say, and what it must not repeat."""

    error: type[SourceError]
    table: str
    says: tuple[str, ...]
    secret: str
    file: str = ""
    content: str | bytes = ""
    sql: str = ""


def in_attendance(
    error: type[SourceError], content: str | bytes, *says: str, secret: str = "Aya"
) -> BadInput:
    return BadInput(error, ATTENDED, says, secret, file=ATTENDANCE_FILE, content=content)


def in_note(error: type[SourceError], content: str | bytes, *says: str, secret: str = "aya@") -> BadInput:
    return BadInput(error, NOTE, says, secret, file=NOTE_FILE, content=content)


def in_placement(error: type[SourceError], content: str, *says: str, secret: str = "lodie") -> BadInput:
    return BadInput(error, PLACED, says, secret, file=PLACEMENT_FILE, content=content.encode("latin-1"))


def in_database(error: type[SourceError], sql: str, *says: str, secret: str = "Aya") -> BadInput:
    return BadInput(error, LEARNER, says, secret, sql=sql)


CASES = {
    "missing column": in_attendance(
        SchemaMismatch,
        ATTENDANCE.replace("mark", "Mark"),
        "no column mark",
        "unknown column Mark",
        "platform.toml",
    ),
    "extra column": in_placement(
        SchemaMismatch,
        PLACEMENTS.replace("pct\n", "pct;bonus\n").replace("87,5", "87,5;1"),
        "unknown column bonus",
    ),
    "column twice": in_attendance(
        SchemaMismatch, ATTENDANCE.replace("minutes", "mark"), "twice the column mark"
    ),
    "no header": in_note(SchemaMismatch, NOTES.split("\n", 1)[1], "none of the declared"),
    "another delimiter": in_attendance(SchemaMismatch, ATTENDANCE.replace(",", ";"), "none of the declared"),
    "missing column in a database": in_database(
        SchemaMismatch, "alter table learner drop column has_disability", "no column has_disability"
    ),
    "extra column in a database": in_database(
        SchemaMismatch, "alter table learner add column shoe_size integer", "unknown column shoe_size"
    ),
    "missing table in a database": in_database(SchemaMismatch, "drop table learner", "no table learner"),
    "retyped column in a database": in_database(
        SchemaMismatch,
        CLEARED + OFFICE.replace("education_isced integer", "education_isced varchar"),
        "'education_isced' is of type string",
    ),
    "wrong type": in_attendance(
        BadValue, ATTENDANCE.replace(",0,", ",Élise,"), "'xxxxx'", "'minutes'", "row 3", secret="lise"
    ),
    "wrong type in a database": in_database(
        BadValue, "update learner set education_isced = 'Aya' where learner_no = 'L1'", "'education_isced'"
    ),
    "wrong decimal mark": in_placement(BadValue, PLACEMENTS.replace("87,5", "87.5"), "'87.5'", "12,5"),
    "wrong date format": in_attendance(
        BadValue, ATTENDANCE.replace("E1,2026-01-12", "E1,12/01/2026"), "'12/01/2026'", "%Y-%m-%d", "row 2"
    ),
    "a day that its month does not have": in_placement(
        BadValue, PLACEMENTS.replace("01/02", "31/02"), "'31/02/2026'", "%d/%m/%Y"
    ),
    "wrong date format in a database": in_database(
        BadValue, "update learner set birth_date = '01/05/1990'", "does not fit", secret="1990"
    ),
    "no key": in_attendance(BadValue, ATTENDANCE.replace("E2", ""), "'enrolment_no'", "row 3"),
    "no known-at date": in_database(
        BadValue, "update learner set updated_at = null where learner_no = 'L1'", "'updated_at'"
    ),
    "duplicate key": in_attendance(
        DuplicateKey, ATTENDANCE + CONTRADICTION, "enrolment_no = E1", "known at 2026-01-12 18:00:00"
    ),
    "cut in the middle of a row": in_attendance(
        BadFile, ATTENDANCE[:-36] + "\n", "cut in half", "row 3 has 2 fields", "5 fields"
    ),
    "cut in the last value": in_attendance(BadFile, ATTENDANCE[:-5], "cut in half", "line break"),
    "cut inside quotation marks": in_note(
        BadFile, NOTES[: NOTES.index("back")] + "\n", "cut in half", "quotation mark"
    ),
    "too many fields": in_attendance(
        BadFile, ATTENDANCE.replace("present", "present,Aya"), "row 2 has 6 fields"
    ),
    "empty file": in_attendance(BadFile, b"", "empty", "0 bytes"),
    "Latin-1 for UTF-8": in_note(
        BadFile, NOTES.replace("Ill", "Fièvre").encode("latin-1"), "wrong encoding", "line 2", "utf-8"
    ),
    "UTF-8 for Latin-1": in_placement(
        BadFile, PLACEMENTS.encode("utf-8").decode("latin-1"), "wrong encoding", "latin-1"
    ),
    "UTF-16": in_attendance(BadFile, ATTENDANCE.encode("utf-16"), "UTF-16"),
    "file name without a day": BadInput(
        BadFile,
        ATTENDED,
        ("not with a day", "YYYY-MM-DD"),
        "Aya",
        file="platform/attendance_Aya.csv",
        content=ATTENDANCE,
    ),
    "national number in a text": in_note(
        NationalNumberFound, NOTES.replace("Ill", "Is 85.07.30-033.28"), "'remark'", "row 2", secret="033"
    ),
    "national number in a column for the vault": in_placement(
        NationalNumberFound, PLACEMENTS.replace("Élodie", "85073003328"), "'surname'", secret="033"
    ),
    "national number for a person's number": in_database(
        NationalNumberFound, "update learner set learner_no = '85 07 30 033 28'", "'learner_no'", secret="033"
    ),
    "national number for a phone number": in_database(
        NationalNumberFound, "update learner set phone = '85073003328'", "'phone'", secret="033"
    ),
    "national number for a date": in_attendance(
        NationalNumberFound,
        ATTENDANCE.replace("E1,2026-01-12", "E1,85073003328"),
        "'session_date'",
        secret="033",
    ),
    "national number in a file name": BadInput(
        NationalNumberFound,
        ATTENDED,
        ("name of a file",),
        "033",
        file="platform/attendance_85073003328.csv",
        content=ATTENDANCE,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_table_in_trouble_stops_alone_and_loses_nothing(
    tiny_school: TinySchool, case: BadInput, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tiny_school.home / (case.file or "office.sqlite")
    good = path.read_bytes() if path.is_file() else None
    _spoil(tiny_school, case)

    with pytest.raises(case.error) as caught:
        tiny_school.pull()
    message = str(caught.value)
    assert type(caught.value) is case.error
    assert caught.value.exit_code == 3
    assert message.startswith(case.table)
    assert caught.value.allowed
    assert caught.value.fix
    for words in case.says:
        assert words in message
    assert case.secret not in message
    assert case.secret not in "".join(traceback.format_exception(caught.value)).replace(
        str(tiny_school.home), ""
    )
    assert capfd.readouterr() == ("", "")

    accepted = tiny_school.landing.accept()
    assert case.table not in accepted
    assert all(accepted.values())
    assert len(accepted) == 5
    assert tiny_school.landed(case.table) == []

    path.write_bytes(good) if good is not None else path.unlink()
    again = tiny_school.pull_and_accept()
    assert {name for name, count in again.items() if count} == {case.table}


def test_a_refused_table_does_not_keep_the_others_from_passing_gate_1_and_landing(
    tiny_school: TinySchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_HOME", str(tiny_school.settings.home))
    case = CASES["empty file"]
    _spoil(tiny_school, case)
    ended = CliRunner().invoke(app, ["week", "--school", "tiny", "--as-of", "2026-03-02"])
    assert type(ended.exception) is case.error
    landed = {place.name for place in declared_places("tiny") if tiny_school.landed(place.name)}
    assert landed == {place.name for place in declared_places("tiny")} - {case.table}


def _spoil(school: TinySchool, case: BadInput) -> None:
    if case.file:
        school.write(case.file, case.content)
    else:
        school.sql(case.sql)


@pytest.mark.parametrize("case", ["national number in a text", "national number for a person's number"])
def test_a_refused_national_number_is_nowhere_in_the_state(tiny_school: TinySchool, case: str) -> None:
    _spoil(tiny_school, CASES[case])
    with pytest.raises(NationalNumberFound):
        tiny_school.pull()
    tiny_school.landing.accept()
    stored = tiny_school.stored_bytes()
    for written in ("85.07.30-033.28", "85073003328", "85 07 30 033 28"):
        assert written.encode() not in stored


def test_a_phone_number_that_reads_like_a_national_number_is_let_in(tiny_school: TinySchool) -> None:
    phone = next(f"32470{number:06}" for number in range(10**6) if _is_bis(f"32470{number:06}"))
    tiny_school.sql(f"update learner set phone = '{phone}' where learner_no = 'L1'")
    assert tiny_school.pull_and_accept()[LEARNER] == 2


def _is_bis(digits: str) -> bool:
    from stdnum.be import bis

    return bool(bis.is_valid(digits))


def test_a_header_without_rows_is_a_quiet_night(tiny_school: TinySchool) -> None:
    tiny_school.write(ATTENDANCE_FILE, ATTENDANCE.split("\n")[0] + "\n")
    assert tiny_school.pull_and_accept()[ATTENDED] == 0


def test_the_same_row_twice_in_one_file_counts_once(tiny_school: TinySchool) -> None:
    tiny_school.write(ATTENDANCE_FILE, ATTENDANCE + ATTENDANCE.split("\n")[1] + "\n")
    assert tiny_school.pull_and_accept()[ATTENDED] == 2


def test_another_content_for_what_has_landed_is_refused(tiny_school: TinySchool) -> None:
    tiny_school.pull_and_accept()
    tiny_school.write(PLACEMENT_FILE, PLACEMENTS.replace("87,5", "50").encode("latin-1"))
    with pytest.raises(DuplicateKey, match="two different contents known at 2026-03-01"):
        tiny_school.pull()
    tiny_school.landing.accept()
    assert [row["hours_pct"] for row in tiny_school.landed(PLACED)] == [87.5]


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("TINY_OFFICE_URL", "sqlite:///{home}/nowhere.sqlite", "no SQLite file"),
        ("TINY_OFFICE_URL", "postgresql+psycopg2://reader:se-cret@127.0.0.1:1/sis", "does not answer"),
        ("TINY_OFFICE_URL", "the office", "no URL of a database"),
        ("TINY_PLATFORM_DIR", "{home}/nowhere", "folder"),
        ("TINY_ARCHIVE_DIR", "{home}/platform", "no file clicks.csv"),
    ],
)
def test_an_unreachable_source_stops_alone(
    tiny_school: TinySchool, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(variable, value.format(home=tiny_school.home))
    with pytest.raises(UnreachableSource, match=says) as caught:
        tiny_school.pull()
    assert caught.value.fix == variable
    assert "se-cret" not in str(caught.value)
    system = variable.split("_")[1].lower()
    accepted = tiny_school.landing.accept()
    assert accepted
    assert not any(name.startswith(f"{system}.") for name in accepted)
    monkeypatch.delenv(variable)
    assert {name.split(".")[0] for name, count in tiny_school.pull_and_accept().items() if count} == {system}


def test_several_troubles_are_told_together(tiny_school: TinySchool) -> None:
    tiny_school.write(ATTENDANCE_FILE, b"")
    tiny_school.sql("drop table learner")
    tiny_school.write("archive/clicks.csv", CLICKS[:-1])
    with pytest.raises(SourceError) as caught:
        tiny_school.pull()
    message = str(caught.value)
    assert all(
        words in message
        for words in ("3 tables", ATTENDED, LEARNER, "archive.clicks", "BadFile", "SchemaMismatch")
    )
    assert set(tiny_school.landing.accept()) == {"office.coach", NOTE, PLACED}
