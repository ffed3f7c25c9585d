"""`passerelle forget` on the demo school: no byte of its state tells the name, and no fact is lost."""

import html
import json
import shutil
from pathlib import Path

import httpx
import pandas as pd
import pytest

from demo_week import Week, passerelle
from passerelle.answer_book import Answer, AnswerBook
from passerelle.reports.names import shown_name
from passerelle.settings import Settings
from passerelle.vault import Vault
from passerelle.warehouse import Warehouse
from running_desk import MONDAY, running_desk
from state_texts import read, texts

pytestmark = pytest.mark.slow
DECIDED = ("--by", "the data officer", "--reason", "asked by the learner")
LEFT_OUT = shutil.ignore_patterns("airflow", "demo_school", "mlflow", "gates", "docs", "_building")


@pytest.fixture
def settings(demo_week: Week, tmp_path: Path) -> Settings:
    shutil.copytree(demo_week.home, tmp_path / "home", ignore=LEFT_OUT)
    outbox, kept = tmp_path / "home" / "outbox" / str(MONDAY), tmp_path / "home" / "mailbox" / "new"
    kept.mkdir(parents=True, exist_ok=True)
    for mail in outbox.glob("*.eml"):
        shutil.copy(mail, kept / mail.name)
    return Settings(school="ai_school", home=tmp_path / "home")


def shown(settings: Settings, name: str) -> list[str]:
    """Files of the state that tell a name, mails and pages as they are read."""
    paths = [path for path in settings.state_dir.rglob("*") if path.is_file()]
    letters = {path for path in paths if path.suffix in (".eml", ".html")}
    assert letters
    return [
        str(path.relative_to(settings.state_dir))
        for path in paths
        for text in ([" ".join(read(path).split())] if path in letters else texts(path))
        if name in text
    ]


def _forget_twice(settings: Settings, row: pd.Series) -> None:
    """By an enrolment, and again by the pseudonym: the second time there is nothing left to do."""
    for who in (row["enrolment_id"], row["learner_id"]):
        done = passerelle(settings.state_dir, "forget", "--learner", who, *DECIDED, "--json")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert told["learner_id"] == row["learner_id"]
        assert {"as_of": str(MONDAY), "owner_id": row["list_owner_id"]} in told["letters"]
    assert (told["batches"], told["notes"]) == (0, 0)


def test_a_learner_is_forgotten_everywhere_and_the_facts_stay(settings: Settings) -> None:
    row = (
        Warehouse(settings)
        .frame("select * from mart_risk_list where is_listed and coach_id is not null", as_of=MONDAY)
        .iloc[0]
    )
    learner, enrolment, coach = row["learner_id"], row["enrolment_id"], row["list_owner_id"]
    vault = Vault(settings)
    name = shown_name(*vault.people("learner", [learner])[["first_name", "last_name"]].iloc[0])
    book = AnswerBook(settings).prepare()
    book.record(
        Answer(
            answer_id="a1",
            enrolment_id=enrolment,
            coach_id=coach,
            list_date=MONDAY,
            verdict="agreed",
            note=f"{name} rang",
        )
    )
    assert {path.split("/")[0] for path in shown(settings, name)} == {"reports", "outbox", "mailbox"}
    answers = f"sqlite:///{settings.state_dir}/desk/answers.sqlite"
    with running_desk(settings.state_dir, answers) as desk, httpx.Client(trust_env=False) as client:
        assert name in html.unescape(client.get(desk.link(row)).text)
        _forget_twice(settings, row)
        page = html.unescape(client.get(desk.link(row)).text)
    assert name not in page
    assert learner.removeprefix("lrn_")[:8] in page

    assert shown(settings, name) == []
    assert vault.people("learner", [learner]).isna().all(axis=None)
    (kept,) = book.answers(coach_id=coach, enrolment_ids={enrolment})
    assert (kept.verdict, kept.note) == ("agreed", "")
    assert book.audit().faults == ()
    assert len((settings.state_dir / "vault" / "forgotten.jsonl").read_text().splitlines()) == 1
    facts = Warehouse(settings).frame(f"select * from fct_enrolment where learner_id = '{learner}'")
    assert len(facts)
    again = passerelle(settings.state_dir, "report")
    assert again.returncode == 0, again.stderr
    assert shown(settings, name) == []


@pytest.mark.parametrize(
    ("who", "decided", "said"),
    [
        ("nobody", DECIDED, "no learner is known as 'nobody'"),
        ("canary", ("--by", "the lead", "--reason", " "), "nobody decided, or for no reason"),
        ("canary", ("--by", "the lead", "--reason", "Quorvixia asked"), "a part of the learner's name"),
    ],
)
def test_what_cannot_be_done_says_why_and_changes_nothing(
    demo_week: Week, who: str, decided: tuple[str, ...], said: str
) -> None:
    settings = Settings(school="ai_school", home=demo_week.home)
    if who == "canary":
        ids = Warehouse(settings).frame("select learner_id from dim_learner")["learner_id"]
        people = Vault(settings).people("learner", ids)
        who = people.index[people["last_name"] == demo_week.canary.last_name][0]
    refused = passerelle(demo_week.home, "forget", "--learner", who, *decided)
    assert refused.returncode == 7
    assert said in refused.stderr
    assert demo_week.canary.last_name not in refused.stderr
    assert not (demo_week.home / "vault" / "forgotten.jsonl").exists()
