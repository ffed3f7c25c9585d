"""What a coach was told is told again from what was kept, to the last byte, even if that Monday is built anew."""

import html
import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from demo_week import Week, passerelle

pytestmark = pytest.mark.slow
MONDAY = "2026-11-23"


@pytest.fixture(scope="module")
def home(demo_week: Week, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo school's state, so that its warehouse can be taken away."""
    copy = tmp_path_factory.mktemp("later") / "home"
    shutil.copytree(
        demo_week.home, copy, ignore=shutil.ignore_patterns("airflow", "demo_school", "_building")
    )
    return copy


@pytest.fixture(scope="module")
def listed(home: Path) -> dict[str, str]:
    asked = "select enrolment_id, learner_id, reason_1_code from mart_risk_list where is_listed order by list_position"
    return json.loads(passerelle(home, "query", asked, "--json").stdout)[0]


@pytest.fixture(scope="module")
def told(home: Path, listed: dict[str, str]) -> str:
    answer = passerelle(home, "explain", "--learner", listed["enrolment_id"], "--as-of", MONDAY)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_the_sentences_are_those_of_the_coachs_report(home: Path, told: str) -> None:
    said = json.loads(told)["told"]
    assert 1 <= len(said["en"]["reasons"]) <= 3
    pages = [html.unescape(page.read_text()) for page in (home / "reports" / MONDAY).rglob("*.html")]
    assert pages
    assert any(
        all(told in page for told in (*words["reasons"], words["band"]))
        for words in said.values()
        for page in pages
    )
    assert "in 10 learners with a similar pattern" in said["en"]["band"]


def test_months_later_the_answer_is_the_same_to_the_last_byte(
    home: Path, told: str, listed: dict[str, str]
) -> None:
    shutil.rmtree(home / "warehouse" / MONDAY)
    again = passerelle(home, "explain", "--learner", listed["learner_id"], "--as-of", MONDAY)
    assert again.stdout == told, again.stderr


def test_reasons_that_no_longer_follow_from_the_model_are_an_error(
    home: Path, listed: dict[str, str]
) -> None:
    (path,) = (home / "landing" / "outlook" / "scores").glob(f"{MONDAY}__*.parquet")
    table = pq.read_table(path)
    turned = [
        "work_late" if code != "work_late" else "score_level" for code in table["reason_1_code"].to_pylist()
    ]
    place = table.schema.get_field_index("reason_1_code")
    pq.write_table(table.set_column(place, "reason_1_code", [turned]), path)
    answer = passerelle(home, "explain", "--learner", listed["enrolment_id"], "--as-of", MONDAY)
    assert answer.returncode == 6
    assert "reason_1_code" in answer.stderr


def test_a_learner_who_was_not_scored_is_named_as_such(home: Path) -> None:
    answer = passerelle(home, "explain", "--learner", "nobody", "--as-of", MONDAY)
    assert answer.returncode == 6
    assert "'nobody' was not scored" in answer.stderr
