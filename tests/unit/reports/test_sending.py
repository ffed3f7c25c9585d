"""Mails that leave once: real servers with TLS and passwords, refusals, broken connections, ended assignments."""

import datetime as dt
import mailbox
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from email import message_from_bytes
from pathlib import Path
from typing import Any

import duckdb
import pytest

from mail_servers import PASSWORD, USER, Letterbox, certificate_for, mail_server
from passerelle.errors import ConfigError, ReportError, UnreachableMailServer
from passerelle.reports import SendResult, allow_again, send_mails, sending, sent_log
from passerelle.reports.post import LOOPBACK
from passerelle.reports.sent_log import SentLog
from passerelle.reports.writing import write_edition
from passerelle.settings import Settings
from sample_edition import COACHES, COHORT_ONLY, DUTCH, ENGLISH, FRENCH, MONDAY, PEOPLE, edition

SOPHIE, BART = COACHES[FRENCH][3], COACHES[DUTCH][3]
SENDER = "coaching@school.test"


@pytest.fixture(scope="module")
def written_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports and mails of one Monday, and a warehouse in which everybody is still with the same coach."""
    settings = Settings(home=tmp_path_factory.mktemp("written"))
    made = edition()
    write_edition(
        made,
        folder=settings.part("reports", MONDAY.isoformat()),
        outbox=settings.part("outbox", MONDAY.isoformat()),
    )
    rows = made.material.risk_list
    caseloads = rows.loc[rows["coach_id"].notna(), ["coach_id", "enrolment_id"]].assign(
        caseload_id=lambda frame: "C-" + frame["enrolment_id"],
        known_at=dt.datetime(2026, 11, 2),
        start_date=dt.date(2026, 11, 2),
        end_date=None,
    )
    with duckdb.connect(str(settings.part("warehouse", "passerelle.duckdb"))) as warehouse:
        for schema in ("marts", "conformed", "intermediate"):
            warehouse.execute(f"create schema {schema}")
        warehouse.register("rows", caseloads)
        warehouse.execute(
            "create table conformed.caseloads as select * replace (end_date::date as end_date) from rows"
        )
    return settings.state_dir


@pytest.fixture
def home(written_home: Path, tmp_path: Path) -> Path:
    return shutil.copytree(written_home, tmp_path / "home")


def end_caseload(home: Path, enrolment_id: str, day: dt.date) -> None:
    with duckdb.connect(str(home / "warehouse" / "passerelle.duckdb")) as warehouse:
        warehouse.execute(
            "insert into conformed.caseloads select * replace"
            " (timestamp '2026-11-20' as known_at, ?::date as end_date)"
            " from conformed.caseloads where enrolment_id = ?",
            [day, enrolment_id],
        )


def settings_for(home: Path, port: int, **more: Any) -> Settings:
    told = {"smtp_host": LOOPBACK, "smtp_port": port, "smtp_security": "none", "mail_from": SENDER} | more
    return Settings(home=home, **told)


def sent(home: Path, box: Letterbox, **more: Any) -> SendResult:
    with mail_server(box) as port:
        return send_mails(settings_for(home, port), as_of=MONDAY, **more)


def test_every_coach_with_an_address_gets_the_mail_of_the_outbox(home: Path) -> None:
    box = Letterbox()
    result = sent(home, box)
    assert {(sender, to) for sender, to, _ in box.received} == {(SENDER, SOPHIE), (SENDER, BART)}
    assert result.counts == {"no address": 2, "sent": 2}
    assert set(result.trouble) == {ENGLISH, COHORT_ONLY}
    (french,) = (content for _, to, content in box.received if to == SOPHIE)
    written = message_from_bytes((home / "outbox" / MONDAY.isoformat() / f"{FRENCH}.eml").read_bytes())
    arrived = message_from_bytes(french)
    assert [part.get_payload(decode=True) for part in arrived.walk()] == [
        part.get_payload(decode=True) for part in written.walk()
    ]
    assert arrived["From"] == f"Passerelle <{SENDER}>"
    assert (written["X-Unsent"], arrived["X-Unsent"]) == ("1", None)


def test_a_mail_leaves_once_however_often_it_is_sent_and_written_again(home: Path) -> None:
    box = Letterbox()
    first, second = sent(home, box), sent(home, box)
    settings = Settings(home=home)
    write_edition(
        edition(),
        folder=settings.part("reports", MONDAY.isoformat()),
        outbox=settings.part("outbox", MONDAY.isoformat()),
    )
    third = sent(home, box)
    assert sorted(box.recipients()) == sorted([SOPHIE, BART])
    assert first == second == third


def test_two_senders_at_the_same_moment_send_once(home: Path) -> None:
    box = Letterbox()
    with mail_server(box) as port:
        threads = [
            threading.Thread(target=send_mails, args=(settings_for(home, port),), kwargs={"as_of": MONDAY})
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(box.recipients()) == sorted([SOPHIE, BART])


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_with_tls_and_a_password(home: Path, tmp_path: Path, security: str) -> None:
    certificate = certificate_for(LOOPBACK, tmp_path)
    box = Letterbox()
    with mail_server(box, security=security, certificate=certificate) as port:
        told = {"smtp_security": security, "smtp_ca_file": certificate, "smtp_user": USER}
        wrong = settings_for(home, port, **told, smtp_password="guess")
        with pytest.raises(ConfigError, match="does not take the user and password"):
            send_mails(wrong, as_of=MONDAY)
        assert (box.received, box.logins) == ([], 0)
        result = send_mails(settings_for(home, port, **told, smtp_password=PASSWORD), as_of=MONDAY)
    assert result.counts["sent"] == len(box.received) == 2
    assert box.logins == 1


def test_a_server_with_another_ones_certificate_gets_nothing(home: Path, tmp_path: Path) -> None:
    certificate = certificate_for("another.school.test", tmp_path)
    box = Letterbox()
    with mail_server(box, security="starttls", certificate=certificate) as port:
        told = {"smtp_security": "starttls", "smtp_ca_file": certificate}
        with pytest.raises(UnreachableMailServer, match="SSLCertVerificationError"):
            send_mails(settings_for(home, port, **told), as_of=MONDAY)
    assert box.received == []


def test_a_server_without_tls_gets_nothing_when_tls_is_asked_for(home: Path) -> None:
    box = Letterbox()
    with mail_server(box) as port, pytest.raises(UnreachableMailServer, match="starttls"):
        send_mails(settings_for(home, port, smtp_security="starttls"), as_of=MONDAY)
    assert box.received == []


def test_a_password_never_crosses_the_network_in_the_open(home: Path) -> None:
    open_wire = settings_for(home, 25, smtp_host="mail.school.test", smtp_user=USER, smtp_password=PASSWORD)
    with pytest.raises(ConfigError, match="readable on the network") as refused:
        send_mails(open_wire, as_of=MONDAY)
    assert PASSWORD not in str(refused.value)


def test_a_mail_server_without_a_sender_is_refused(home: Path) -> None:
    with pytest.raises(ConfigError, match="PASSERELLE_MAIL_FROM"):
        send_mails(settings_for(home, 25, mail_from=None), as_of=MONDAY)


@pytest.mark.parametrize(("answer", "state"), [("550 no such user", "refused"), ("451 later", "deferred")])
def test_a_refusal_is_written_down_without_the_address_and_tried_again(
    home: Path, answer: str, state: str
) -> None:
    box = Letterbox(answers={SOPHIE: answer})
    refused = sent(home, box)
    assert refused.counts == {"no address": 2, state: 1, "sent": 1}
    assert refused.trouble[FRENCH] == f"{state}: the server answered {answer[:3]}"
    assert "sophie" not in str(refused.as_dict())
    box.answers.clear()
    assert sent(home, box).counts == {"no address": 2, "sent": 2}
    assert sorted(box.recipients()) == sorted([SOPHIE, BART])


def test_a_connection_that_breaks_in_the_middle_leaves_an_uncertain_mail_that_is_not_sent_again(
    home: Path,
) -> None:
    box = Letterbox(answers={SOPHIE: "break"})
    assert sent(home, box).counts == {"no address": 2, "sent": 1, "uncertain": 1}
    box.answers.clear()
    assert sent(home, box).trouble[FRENCH].startswith("uncertain")
    assert box.recipients() == [BART]
    with mail_server(box) as port:
        allow_again(settings_for(home, port), as_of=MONDAY, owner_id=FRENCH)
        assert send_mails(settings_for(home, port), as_of=MONDAY).counts["sent"] == 2
    assert sorted(box.recipients()) == sorted([SOPHIE, BART])


KILLED = """
import datetime, pathlib, sys
from passerelle.reports import send_mails
from passerelle.settings import Settings

home, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
school = {"smtp_host": "127.0.0.1", "smtp_security": "none", "mail_from": "coaching@school.test"}
send_mails(Settings(home=home, smtp_port=port, **school), as_of=datetime.date.fromisoformat(sys.argv[3]))
"""


class Killer(Letterbox):
    """A server that takes the first mail, and kills who sends it before the answer is heard."""

    victim: subprocess.Popen[bytes]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.received) == 1:
            self.victim.kill()
        return answer


@pytest.fixture
def killed(home: Path) -> Killer:
    """What a server got from a process that was killed in the middle of the first of two claimed mails."""
    box = Killer()
    with mail_server(box) as port:
        command = [sys.executable, "-c", KILLED, str(home), str(port), str(MONDAY)]
        with subprocess.Popen(command) as box.victim:
            assert box.victim.wait(timeout=60) == -signal.SIGKILL
    assert box.recipients() == [SOPHIE]
    return box


def test_a_process_killed_while_sending_leaves_that_mail_uncertain_and_the_next_to_be_sent(
    home: Path, killed: Killer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power cut nobody knows of the next one either: that it was not begun may be what was lost."""
    cut = shutil.copytree(home, tmp_path / "cut")
    assert sent(home, killed).counts == {"no address": 2, "sent": 1, "uncertain": 1}
    assert killed.recipients() == [SOPHIE, BART]
    monkeypatch.setattr(sent_log, "_BOOT", tmp_path / "another")
    (tmp_path / "another").write_text("another start of the machine")
    box = Letterbox()
    assert sent(cut, box).counts == {"no address": 2, "uncertain": 2}
    with mail_server(box) as port:
        allow_again(settings_for(cut, port), as_of=MONDAY, owner_id=DUTCH)
        assert send_mails(settings_for(cut, port), as_of=MONDAY).counts["sent"] == 1
    assert box.recipients() == [BART]


def test_where_the_machine_does_not_tell_its_starts_a_claim_is_never_taken_for_unbegun(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent_log, "_BOOT", tmp_path / "nothing")
    with SentLog(home / "sent.sqlite", post="school") as log:
        assert log.claim(MONDAY, {DUTCH: "<1@x>"}) == {DUTCH}
        assert log.claim(MONDAY, {DUTCH: "<1@x>"}) == set()
    assert sent(home, Letterbox()).counts == {"no address": 2, "sent": 1, "uncertain": 1}


def test_a_mail_is_written_down_before_the_server_is_given_it(home: Path) -> None:
    found = []

    class Reader(Letterbox):
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            with closing(sqlite3.connect(home / "sent.sqlite")) as log:
                found.append(log.execute("select state from mails order by state").fetchall())
            return await super().handle_DATA(server, session, envelope)

    sent(home, Reader())
    assert found == [[("claimed",), ("sending",)], [("sending",), ("sent",)]]


def test_a_server_that_goes_away_before_the_second_mail_leaves_none_uncertain(home: Path) -> None:
    class Leaving(Letterbox):
        async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, _: Any) -> str:  # noqa: N802
            if self.received:
                server.transport.abort()
            return await super().handle_RCPT(server, session, envelope, to, _)

    leaving, box = Leaving(), Letterbox()
    with pytest.raises(UnreachableMailServer, match="mails that have left are not sent again"):
        sent(home, leaving)
    assert sent(home, box).counts == {"no address": 2, "sent": 2}
    assert sorted(leaving.recipients() + box.recipients()) == sorted([SOPHIE, BART])
    assert len(box.received) == 1


def test_who_is_followed_is_looked_up_anew_for_every_few_letters(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A caseload that ends while the first mails are on their way keeps the later ones back."""
    monkeypatch.setattr(sending, "LOOKED_UP_AT_ONCE", 1)
    second = max([FRENCH, DUTCH], key=list(PEOPLE).index)
    rows = edition().material.risk_list
    ended = rows.loc[(rows["list_owner_id"] == second) & rows["is_listed"], "enrolment_id"].iloc[0]

    class Ending(Letterbox):
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            end_caseload(home, ended, MONDAY - dt.timedelta(days=1))
            return await super().handle_DATA(server, session, envelope)

    result = sent(home, Ending())
    assert result.counts == {"no address": 2, "sent": 1, "withheld": 1}
    assert result.trouble[second].startswith("withheld: it names 1 ")


def test_an_arrived_mail_cannot_be_allowed_again(home: Path) -> None:
    sent(home, Letterbox())
    with pytest.raises(ReportError, match="neither uncertain nor came back"):
        allow_again(settings_for(home, 25), as_of=MONDAY, owner_id=FRENCH)


def test_nobody_at_the_other_end_is_an_error_that_can_be_tried_again(home: Path) -> None:
    box = Letterbox()
    with mail_server(box) as port:
        gone = port
    with pytest.raises(UnreachableMailServer, match="ConnectionRefusedError"):
        send_mails(settings_for(home, gone), as_of=MONDAY)
    with closing(sqlite3.connect(home / "sent.sqlite")) as log:
        assert log.execute("select state from mails").fetchall() == [("deferred",)] * 2
    assert sent(home, box).counts["sent"] == 2


def test_a_mail_that_names_a_learner_of_another_coach_by_now_stays(home: Path) -> None:
    rows = edition().material.risk_list
    enrolment = rows.loc[(rows["list_owner_id"] == DUTCH) & rows["is_listed"], "enrolment_id"].iloc[2]
    end_caseload(home, enrolment, MONDAY - dt.timedelta(days=1))
    box = Letterbox()
    result = sent(home, box)
    assert box.recipients() == [SOPHIE]
    assert result.trouble[DUTCH].startswith("withheld: it names 1 ")


def test_a_caseload_that_ends_later_stops_nothing(home: Path) -> None:
    rows = edition().material.risk_list
    end_caseload(home, rows["enrolment_id"].iloc[0], MONDAY + dt.timedelta(days=30))
    assert sent(home, Letterbox()).counts["sent"] == 2


def test_a_dry_run_sends_nothing_and_writes_nothing_down(home: Path) -> None:
    box = Letterbox()
    assert sent(home, box, dry_run=True).counts == {"no address": 2, "would be sent": 2}
    assert box.received == []
    assert sent(home, box).counts["sent"] == len(box.received) == 2


def test_a_past_monday_is_never_sent(home: Path) -> None:
    before = MONDAY - dt.timedelta(weeks=1)
    settings = Settings(home=home)
    write_edition(
        edition(),
        folder=settings.part("reports", before.isoformat()),
        outbox=settings.part("outbox", before.isoformat()),
    )
    box = Letterbox()
    with mail_server(box) as port:
        result = send_mails(settings_for(home, port), as_of=before)
    assert (result.why_none, result.counts, box.received) == ("2026-11-16 is a past Monday", {}, [])


def test_a_monday_without_reports_says_what_to_run(home: Path) -> None:
    with pytest.raises(ReportError, match="passerelle report --as-of 2026-11-30"):
        send_mails(Settings(home=home), as_of=MONDAY + dt.timedelta(weeks=1))


def test_without_a_mail_server_the_mails_stay_in_this_machines_mailbox(home: Path) -> None:
    settings = Settings(home=home)
    first, second = (send_mails(settings, as_of=MONDAY) for _ in range(2))
    assert first == second
    assert (first.post, first.mailbox) == ("local mailbox", str(home / "mailbox"))
    arrived = mailbox.Maildir(home / "mailbox")
    assert sorted(message["X-RcptTo"] for message in arrived) == sorted([SOPHIE, BART])
    assert (home / "mailbox").stat().st_mode & 0o077 == 0


def test_what_lay_in_the_mailbox_leaves_once_a_mail_server_is_set(home: Path) -> None:
    send_mails(Settings(home=home), as_of=MONDAY)
    box = Letterbox()
    sent(home, box)
    assert sorted(box.recipients()) == sorted([SOPHIE, BART])


BOUNCE = """\
From: MAILER-DAEMON@school.test
Subject: Undelivered
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
MIME-Version: 1.0

--b
Content-Type: text/plain

The mailbox of Sophie is full.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.school.test

Final-Recipient: rfc822; sophie.lambert@school.test
Action: {action}
Status: 5.2.2

--b
Content-Type: {kind}

Message-ID: {message_id}
Subject: x

--b--
"""


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_mail_that_came_back_is_told_once_it_lies_in_the_senders_maildir(home: Path, kind: str) -> None:
    box = Letterbox()
    sent(home, box)
    (came_back,) = (message for message in box.messages() if message["To"] == SOPHIE)
    returned = mailbox.Maildir(home / "returned")
    for action, message_id in (
        ("failed", came_back["Message-ID"]),
        ("delayed", box.messages()[1]["Message-ID"]),
        ("failed", "<another@mail.test>"),
    ):
        returned.add(BOUNCE.format(action=action, kind=kind, message_id=message_id))
    returned.add("Subject: Hello\n\nI am away.\n")
    with mail_server(box) as port:
        result = send_mails(settings_for(home, port, bounces_dir=home / "returned"), as_of=MONDAY)
    assert result.counts == {"bounced": 1, "no address": 2, "sent": 1}
    assert result.trouble[FRENCH] == "bounced: it came back with 5.2.2"
    assert len(box.received) == 2


def test_a_folder_that_is_no_maildir_is_refused(home: Path) -> None:
    with mail_server(Letterbox()) as port, pytest.raises(ConfigError, match="not a Maildir"):
        send_mails(settings_for(home, port, bounces_dir=home / "nowhere"), as_of=MONDAY)


def test_the_log_holds_no_address_and_is_for_its_owner_only(home: Path) -> None:
    sent(home, Letterbox(answers={SOPHIE: "550 sophie.lambert@school.test unknown"}))
    with sqlite3.connect(home / "sent.sqlite") as log:
        text = str(log.execute("select * from mails").fetchall())
    assert FRENCH in text
    assert "@school.test" not in text
    assert (home / "sent.sqlite").stat().st_mode & 0o077 == 0
