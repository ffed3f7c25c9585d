"""One answer, all the way: the mail, its link, the button, the next night's pull, and the next Monday's report."""

import datetime as dt
import re
import shutil
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from demo_week import Week
from passerelle import steps
from passerelle.answer_links import read_token
from passerelle.landing import Landing
from passerelle.settings import Settings
from passerelle.warehouse import Warehouse
from running_desk import MONDAY, free_port, running_desk

pytestmark = pytest.mark.slow
NEXT = MONDAY + dt.timedelta(days=7)


def text_of(path: Path) -> str:
    message = message_from_bytes(path.read_bytes(), policy=default)
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


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

    mails = sorted((home / "outbox" / MONDAY.isoformat()).glob("*.eml"))
    mailed = {found for mail in mails for found in re.findall(r"http://127\S+/answer/\S+", text_of(mail))}
    with running_desk(home, answers, port=port) as desk:
        # Whoever needs it most is on the next list too, where the report has to say what came of the contact.
        in_need = desk.listed().sort_values("support_need_probability").iloc[-1]
        link = desk.link(in_need)
        assert link in mailed
        page = browser.new_page()
        page.goto(link)
        assert desk.book.audit().entries == 0
        page.check("input[value=agreed]")
        page.select_option("#action", "study_plan")
        page.select_option("#channel", "phone")
        page.click("button[type=submit]:not(.second)")
        page.wait_for_selector(".saved")
        page.close()
        objecting = desk.listed().sort_values("support_need_probability").iloc[0]
        desk.book.object_to_profiling(
            objection_id="o1", learner_id=objecting["learner_id"], has_objection=True, recorded_by="lead"
        )

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
    told = "".join(text_of(mail) for mail in sorted((home / "outbox" / NEXT.isoformat()).glob("*.eml")))
    assert action["enrolment_id"] == in_need["enrolment_id"]
    said = r"23 (novembre|november|November) 2026\. (Il est trop tôt|Het is te vroeg|It is too early)"
    assert len(re.findall(said, " ".join(told.split()))) == 1

    scores = Landing(settings).folder / "outlook" / "scores"
    assert list(scores.glob(f"{NEXT}__*.parquet"))
    silent = warehouse.frame("select distinct learner_id, not_scored_reason, is_listed from mart_risk_list")
    silent = silent[silent["learner_id"] == objecting["learner_id"]].drop(columns="learner_id")
    assert silent.to_dict("records") == [{"not_scored_reason": "objection", "is_listed": False}]
