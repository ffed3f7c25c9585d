"""The step as a whole, on hand-made frames."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from passerelle.errors import ReportError
from passerelle.landing import Landing
from passerelle.reports.index import INDEX, read_index
from passerelle.reports.view import Edition
from passerelle.reports.writing import ReportResult, land_what_was_shown, write_edition
from passerelle.school import Lottery, load_school
from passerelle.settings import Settings
from sample_edition import COHORT_ONLY, DUTCH, ENGLISH, FRENCH, MONDAY, PEOPLE, edition


def written(root: Path, made: Edition | None = None) -> ReportResult:
    return write_edition(made or edition(), folder=root / "reports" / "week", outbox=root / "outbox" / "week")


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_every_owner_gets_a_page_and_a_mail(tmp_path: Path) -> None:
    result = written(tmp_path)
    stems = {COHORT_ONLY, FRENCH, DUTCH, ENGLISH}
    assert {path.stem for path in result.folder.glob("*.html")} == stems
    assert {path.stem for path in result.outbox.glob("*.eml")} == stems
    assert (result.count, result.listed, result.not_scored, result.undeliverable) == (4, 24, 4, 2)
    assert result.languages == {"en": 2, "fr": 1, "nl": 1}
    assert json.dumps(result.as_dict())


def test_the_index_lists_what_was_written_and_no_name(tmp_path: Path) -> None:
    folder = written(tmp_path).folder
    text = (folder / INDEX).read_text()
    assert [(entry.page, entry.listed) for entry in read_index(folder)] == [
        (f"{owner}.html", 6) for owner in (COHORT_ONLY, FRENCH, DUTCH, ENGLISH)
    ]
    assert not [name for names in PEOPLE.values() for name in names if name.split()[0] in text]


def test_no_coach_reads_the_name_of_another_coachs_learner(tmp_path: Path) -> None:
    folder = written(tmp_path).folder
    for owner in PEOPLE:
        page = (folder / f"{owner}.html").read_text().replace("&#39;", "'")
        assert {other for other, names in PEOPLE.items() if any(name in page for name in names)} == {owner}


def test_the_same_monday_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    written(tmp_path)
    first = files(tmp_path)
    written(tmp_path)
    assert files(tmp_path) == first
    assert len(first) == 9


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path) -> None:
    written(tmp_path / "one")
    written(tmp_path / "two", edition(risk_list=edition().material.risk_list.iloc[::-1]))
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_a_report_that_cannot_be_written_leaves_the_last_ones_untouched(tmp_path: Path) -> None:
    written(tmp_path)
    first = files(tmp_path)
    broken = edition().material.risk_list
    broken.loc[broken["list_owner_id"] == ENGLISH, "reason_1_code"] = "shoe_size"
    with pytest.raises(ReportError, match="'shoe_size'"):
        written(tmp_path, edition(risk_list=broken))
    assert files(tmp_path) == first


def test_a_coach_who_has_nobody_any_more_has_no_page_left(tmp_path: Path) -> None:
    written(tmp_path)
    rows = edition().material.risk_list
    result = written(tmp_path, edition(risk_list=rows[rows["list_owner_id"] != FRENCH]))
    assert not list(result.folder.glob(f"{FRENCH}*"))
    assert not list(result.outbox.glob(f"{FRENCH}*"))


def test_what_a_lottery_drew_is_kept_with_its_seed_and_chance_and_not_drawn_again(tmp_path: Path) -> None:
    school = load_school("ai_school")
    lottery = Lottery(places=1, seed="autumn")
    drawing = school.model_copy(update={"coaching": school.coaching.model_copy(update={"lottery": lottery})})
    rows = edition().material.risk_list
    rows["listed_probability"] = None
    near = (rows["list_owner_id"] == FRENCH) & rows["list_position"].isin([6, 7])
    rows.loc[near, "listed_probability"] = 0.5
    landing = Landing(Settings(home=tmp_path))
    land_what_was_shown(landing, edition(risk_list=rows, school=drawing))
    rows.loc[near, "listed_probability"] = 0.1
    land_what_was_shown(landing, edition(risk_list=rows, school=drawing))
    landed = pq.read_table(landing.folder / "outlook" / "draws" / f"{MONDAY}.parquet").to_pylist()
    assert [(row["lottery_seed"], row["listed_probability"]) for row in landed] == [("autumn", 0.5)] * 2
    assert [row["is_listed"] for row in landed] == [True, False]
    assert {row["list_owner_id"] for row in landed} == {FRENCH}


def test_without_a_lottery_no_draw_lands(tmp_path: Path) -> None:
    landing = Landing(Settings(home=tmp_path))
    land_what_was_shown(landing, edition())
    assert (landing.folder / "outlook" / "lists" / f"{MONDAY}.parquet").is_file()
    assert not (landing.folder / "outlook" / "draws").exists()
