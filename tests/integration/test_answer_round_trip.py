"""One answer, all the way: a mail that a server received, its link, the button, the next pull, the next mail."""

import datetime as dt
import re
import shutil
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from demo_week import Week
from mail_servers import Letterbox, mail_server
from passerelle import steps
from passerelle.answer_links import VERDICTS, read_token
from passerelle.demo_school import create
from passerelle.landing import Landing
from passerelle.reports.names import shown_name
from passerelle.reports.post import LOOPBACK
from passerelle.settings import Settings
from passerelle.vault import Vault
from passerelle.warehouse import Warehouse
from running_desk import MONDAY, free_port, running_desk

pytestmark = pytest.mark.slow
ANSWER_LINK = re.compile(r"http://127\S+/answer/\S+")
NEXT = MONDAY + dt.timedelta(days=7)


def text_of(received: bytes) -> str:
    body = message_from_bytes(received, policy=default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def name_of(settings: Settings, learner_id: str) -> str:
    """A learner's name as a report shows it."""
    person = Vault(settings).people("learner", [learner_id]).loc[learner_id]
    return shown_name(person["first_name"], person["last_name"])


def sent(monday: dt.date, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Send a Monday's mails to a real server; the texts that it received."""
    box = Letterbox()
    with mail_server(box) as port, monkeypatch.context() as environment:
        told = {"HOST": LOOPBACK, "PORT": str(port), "SECURITY": "none"}
        for name, value in told.items():
            environment.setenv(f"PASSERELLE_SMTP_{name}", value)
        environment.setenv("PASSERELLE_MAIL_FROM", "coaching@school.test")
        counts = steps.send("ai_school", monday)["counts"]
    assert counts == {"sent": len(box.received)}
    assert len(box.received) > 1
    return [text_of(content) for _, _, content in box.received]


def test_an_answer_given_in_the_browser_is_in_the_marts_and_the_report_of_the_next_monday(
    demo_week: Week, tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo_week.home, home, ignore=shutil.ignore_patterns("docs", "logs", "airflow"))
    answers = f"sqlite:///{home}/desk/answers.sqlite"
    port = free_port()
    for name, value in {"HOME": str(home), "DESK_PORT": str(port), "DESK_DATABASE_URL": answers}.items():
        monkeypatch.setenv(f"PASSERELLE_{name}", value)
    settings = Settings(school="ai_school")
    steps.report("ai_school", MONDAY)
    mailed = {found for text in sent(MONDAY, monkeypatch) for found in ANSWER_LINK.findall(text)}
    with running_desk(home, answers, port=port) as desk:
        # Whoever is contacted makes room on the next list, and the report has to say since when.
        in_need = desk.listed().sort_values("support_need_probability").iloc[-1]
        link = desk.link(in_need)
        assert {f"{link}?verdict={verdict}" for verdict in VERDICTS} < mailed
        page = browser.new_page()
        page.goto(f"{link}?verdict=agreed")
        assert desk.book.audit().entries == 0
        assert page.is_checked("input[value=agreed]")
        page.select_option("#action", "study_plan")
        page.select_option("#channel", "phone")
        page.click("button[type=submit]:not(.second)")
        page.wait_for_selector(".saved")
        page.close()
        objecting = desk.listed().sort_values("support_need_probability").iloc[0]
        desk.book.object_to_profiling(
            objection_id="o1", learner_id=objecting["learner_id"], has_objection=True, recorded_by="lead"
        )

    create("ai_school", settings, now=NEXT)  # the week goes on in the school's other systems too
    assert steps.pull("ai_school", NEXT)["rows"]["desk.support_answer"] == 1
    for step in ("gate_raw", "build", "publish", "score", "build_risk", "publish", "report"):
        getattr(steps, step)("ai_school", NEXT)
    warehouse = Warehouse(settings)
    (action,) = warehouse.frame("select * from fct_support_action where list_date is not null").to_dict(
        "records"
    )
    assert (action["verdict"], action["action_code"], action["channel"]) == ("agreed", "study_plan", "phone")
    answered = warehouse.frame(
        f"select sum(answered_count) as n from mart_support where list_date = '{MONDAY}'"
    )
    assert answered["n"].tolist() == [1]

    token = read_token(settings, link.rpartition("/")[2], today=MONDAY)
    assert token.as_of == action["list_date"].date()
    told = "".join(sent(NEXT, monkeypatch))
    assert action["enrolment_id"] == in_need["enrolment_id"]
    said = (
        re.escape(name_of(settings, in_need["learner_id"]))
        + r" ?: contact (le|op|on) 23 [Nn]ovemb(re|er) 2026\."
    )
    assert len(re.findall(said, " ".join(told.split()))) == 1
    risk = warehouse.frame("select * from mart_risk_list").set_index("enrolment_id")
    assert risk.loc[in_need["enrolment_id"], ["list_change", "is_listed"]].tolist() == ["off", False]
    shown = warehouse.frame(
        f"select enrolment_id from fct_listing where is_listed and list_date = '{MONDAY}'"
    )
    assert set(shown["enrolment_id"]) == set(desk.listed()["enrolment_id"])
    assert set(risk[risk["is_listed"]]["list_change"]) > {"still"}

    scores = Landing(settings).folder / "outlook" / "scores"
    assert list(scores.glob(f"{NEXT}__*.parquet"))
    silent = warehouse.frame("select distinct learner_id, not_scored_reason, is_listed from mart_risk_list")
    silent = silent[silent["learner_id"] == objecting["learner_id"]].drop(columns="learner_id")
    assert silent.to_dict("records") == [{"not_scored_reason": "objection", "is_listed": False}]
