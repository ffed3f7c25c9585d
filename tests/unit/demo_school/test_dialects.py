"""Each system's files, byte by byte: delimiter, encoding, byte order mark, dates."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from passerelle.demo_school import World, write_systems

NOW = dt.date(2026, 11, 23)


@pytest.fixture(scope="session")
def folder(demo_world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dialects")
    places = {name: str(folder / name) for name in ("vdab", "forem", "actiris", "survey", "lms")}
    write_systems(demo_world, places, now=NOW)
    return folder


def whole(folder: Path, system: str) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((folder / system).glob("*.csv")))


def rows(folder: Path, system: str, *, encoding: str, delimiter: str) -> list[dict[str, str]]:
    found = []
    for path in sorted((folder / system).glob("*.csv")):
        with path.open(encoding=encoding, newline="") as file:
            found += list(csv.DictReader(file, delimiter=delimiter))
    return found


def test_vdab_sends_dutch_labels_semicolons_and_belgian_dates_in_utf_8(folder: Path) -> None:
    people = rows(folder, "vdab", encoding="utf-8", delimiter=";")
    assert len(people) > 1000
    assert list(people[0])[:4] == ["referentie", "naam", "voornaam", "datum_in_dienst"]
    assert all(dt.datetime.strptime(row["datum_in_dienst"], "%d/%m/%Y").year >= 2018 for row in people)
    assert any(row["naam"] == "Öztürk" for row in people)
    assert not whole(folder, "vdab").startswith(b"\xef\xbb\xbf")


def test_forem_sends_latin_1_with_letters_that_latin_1_lacks_made_plain(folder: Path) -> None:
    with pytest.raises(UnicodeDecodeError):
        whole(folder, "forem").decode("utf-8")
    people = rows(folder, "forem", encoding="latin-1", delimiter=";")
    assert any("é" in row["nom"] + row["prenom"] for row in people)
    assert {"intérim", "CDI", "CDD"} <= {row["type_contrat"] for row in people}
    assert any(row["nom"] == "Sahin" for row in people)
    assert not any("?" in row["nom"] + row["prenom"] for row in people)


def test_actiris_sends_both_languages_with_a_byte_order_mark(folder: Path) -> None:
    assert all(path.read_bytes().startswith(b"\xef\xbb\xbf") for path in (folder / "actiris").glob("*.csv"))
    people = rows(folder, "actiris", encoding="utf-8-sig", delimiter=",")
    assert next(iter(people[0])) == "reference_referentie"
    assert all(dt.date.fromisoformat(row["date_debut_begindatum"]) for row in people)
    study = [row for row in people if row["type_sortie_uitstroomtype"] == "formation/opleiding"]
    assert study
    assert {row["contrat_contract"] + row["isco08"] + row["mesure_maatregel"] for row in study} == {""}


def test_lms_sends_iso_dates_and_utc_stamps(folder: Path) -> None:
    sample = (folder / "lms" / "attendance_2020-12-31.csv").read_text().splitlines()
    assert sample[0] == "enrolment_no,session_date,session_part,mark,recorded_at"
    dt.datetime.strptime(sample[1].split(",")[4], "%Y-%m-%dT%H:%M:%SZ")
    assert (
        (folder / "lms" / "submission_2020-12-31.csv")
        .read_text()
        .splitlines()[0]
        .startswith("assignment_no,enrolment_no,email")
    )


def test_survey_shows_a_non_response_as_a_row_without_an_answer(folder: Path) -> None:
    answers = rows(folder, "survey", encoding="utf-8", delimiter=",")
    silent = [row for row in answers if not row["answered_date"]]
    assert 0.08 < len(silent) / len(answers) < 0.22
    assert {row["situation"] + row["hours_pct"] + row["employer_is_partner"] for row in silent} == {""}
    assert {row["employer_is_partner"] for row in answers} == {"", "true", "false"}


def test_a_spell_comes_back_with_its_end_in_a_later_file(folder: Path) -> None:
    first_end: dict[tuple[str, str], list[str]] = {}
    for row in rows(folder, "vdab", encoding="utf-8", delimiter=";"):
        first_end.setdefault((row["referentie"], row["datum_in_dienst"]), []).append(row["datum_uit_dienst"])
    ended_later = [ends for ends in first_end.values() if len(ends) > 1 and not ends[0] and ends[-1]]
    assert len(ended_later) > 100
