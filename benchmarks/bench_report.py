"""Writing and sending the reports of 1,000 and of 10,000 coaches, each beside floors in the same run.

    python benchmarks/bench_report.py [--coaches 1000 10000]

Needs a home with a week in it (PASSERELLE_HOME, or var/ai_school after `make run`): its coaches, with their learners'
real facts and names, are repeated under new numbers; their classes stay those of the school. The mails go by SMTP to a
real server on this machine, a process of its own that puts each in a mailbox.

The floors do the least that the same result takes. Of writing there are two: write the same files again, which makes
no word of them, and let Jinja alone render page, mail and text from reports that lie ready, and write them. Of
sending: hand the same ready mails to the same server by smtplib, over one connection. What has only read the material
shows how much of the memory is the material itself.
"""

from __future__ import annotations

import argparse
import datetime as dt
import pickle
import shutil
import smtplib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING

from measure import Measured, measure_part

from passerelle.reports.post import LOOPBACK, local_post
from passerelle.school import load_school
from passerelle.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from passerelle.reports.material import Material
    from passerelle.reports.view import Edition

HERE = Path(__file__)
SENDER = "coaching@school.example"
CASELOADS = "create table conformed.caseloads as select * replace (end_date::date as end_date) from rows"


def make(folder: Path, count: int) -> None:
    """Keep the material of that many coaches, and a warehouse in which each still follows the same learners."""
    from passerelle.reports.gathering import gather
    from passerelle.warehouse import Warehouse

    settings = Settings()
    as_of = Warehouse(settings).published_as_of()
    assert as_of is not None
    material = repeated(gather(settings, as_of=as_of), count)
    with (folder / "material.pickle").open("wb") as file:
        pickle.dump((as_of, material), file)
    rows = material.risk_list[["coach_id", "enrolment_id"]].assign(
        caseload_id=material.risk_list["enrolment_id"], known_at=as_of, start_date=as_of, end_date=None
    )
    keep_caseloads(Settings(home=folder / "home"), rows)


def keep_caseloads(settings: Settings, rows: pd.DataFrame) -> None:
    """A published warehouse that holds the caseloads and nothing else."""
    import duckdb

    with duckdb.connect(str(settings.part("warehouse", "passerelle.duckdb"))) as warehouse:
        for schema in ("marts", "conformed", "intermediate"):
            warehouse.execute(f"create schema {schema}")
        warehouse.register("rows", rows)
        warehouse.execute(CASELOADS)


def repeated(material: Material, count: int) -> Material:
    """The coaches of a school, repeated until there are that many, with learners and addresses of their own."""
    import pandas as pd

    own = [(coach, rows) for coach, rows in material.risk_list.groupby("coach_id")]
    coaches = pd.DataFrame(
        {"place": range(count), "coach_id": [f"cch_{place:016x}" for place in range(count)]}
    )
    lists, learners, people, languages, weeks = [], [], [], [], []
    for place, coach_id in coaches.itertuples(index=False):
        coach, rows = own[place % len(own)]
        lists.append(
            rows.assign(
                coach_id=coach_id,
                list_owner_id=coach_id,
                enrolment_id=rows["enrolment_id"] + f"-{place}",
                learner_id=rows["learner_id"] + f"-{place}",
            )
        )
        known = material.learner_people.reindex(rows["learner_id"])
        learners.append(known.set_axis(lists[-1]["learner_id"].rename("person_id")))
        listed = rows["enrolment_id"][rows["is_listed"]]
        weeks.append(material.learner_weeks.reindex(listed).set_axis(listed + f"-{place}"))
        person = material.coach_people.loc[[coach]].assign(email=f"coach{place}@school.example")
        people.append(person.set_axis(pd.Index([coach_id], name="person_id")))
        languages.append((coach_id, material.coaches.at[coach, "language"]))
    return replace(
        material,
        risk_list=pd.concat(lists, ignore_index=True),
        learner_people=pd.concat(learners).loc[lambda frame: ~frame.index.duplicated()],
        coach_people=pd.concat(people),
        learner_weeks=pd.concat(weeks),
        coaches=pd.DataFrame(languages, columns=["coach_id", "language"]).set_index("coach_id"),
    )


def edition_of(folder: Path) -> Edition:
    """The edition that is made from the kept material."""
    from passerelle.reports.playbook import read_playbook
    from passerelle.reports.view import Edition
    from passerelle.reports.writing import desk_address, page_address
    from support_need import explain

    settings, school = Settings(home=folder / "home"), load_school(Settings().school)
    with (folder / "material.pickle").open("rb") as file:
        as_of, material = pickle.load(file)
    return Edition(
        material=material,
        school=school,
        as_of=as_of,
        playbooks={language: read_playbook(settings.school, language) for language in school.languages},
        sentence=explain.sentence,
        answer_address=desk_address(settings, as_of),
        page_address=page_address(settings, as_of),
    )


def read(folder: Path) -> None:
    """The material and what writing imports, and nothing done with them."""
    import passerelle.reports.writing

    assert passerelle.reports.writing
    print(f"{len(edition_of(folder).material.risk_list):,} learners")


def write(folder: Path) -> None:
    """View, page, plain text and mail of every coach."""
    from passerelle.reports.writing import write_edition

    edition, settings = edition_of(folder), Settings(home=folder / "home")
    result = write_edition(
        edition,
        folder=settings.part("reports", edition.as_of.isoformat()),
        outbox=settings.part("outbox", edition.as_of.isoformat()),
    )
    print(f"{result.count} written, {result.listed} learners named")


def make_ready(folder: Path) -> None:
    """Keep the finished view models, for the floor that only renders them."""
    with (folder / "reports.pickle").open("wb") as file:
        for report in edition_of(folder).reports():
            pickle.dump(report, file)


def render_floor(folder: Path) -> None:
    """Page, mail and plain text of every coach by Jinja from what lies ready, and written."""
    from passerelle.reports.folder import write_privately
    from passerelle.reports.render import as_html, as_mail_html, as_text

    target = folder / "rendered"
    target.mkdir()
    with (folder / "reports.pickle").open("rb") as file, suppress(EOFError):
        while True:
            report = pickle.load(file)
            write_privately(target / f"{report.owner_id}.html", as_html(report).encode())
            mail = as_mail_html(report) + as_text(report)
            write_privately(target / f"{report.owner_id}.eml", mail.encode())


def write_floor(folder: Path) -> None:
    """The same files again: read one, write one, each for its owner only."""
    from passerelle.reports.folder import write_privately

    target = folder / "floor"
    target.mkdir()
    for path in (path for part in ("reports", "outbox") for path in (folder / "home" / part).glob("*/*")):
        write_privately(target / path.name, path.read_bytes())


def send(folder: Path, port: str) -> None:
    """Every mail of the outbox, looked at once more, written down before and after, and handed over."""
    from passerelle.reports import send_mails

    (monday,) = (folder / "home" / "outbox").glob("????-??-??")
    settings = Settings(
        home=folder / "home", smtp_host=LOOPBACK, smtp_port=int(port), smtp_security="none", mail_from=SENDER
    )
    print(send_mails(settings, as_of=dt.date.fromisoformat(monday.name)).counts)


def send_floor(folder: Path, port: str) -> None:
    """The same mails by smtplib alone."""
    with smtplib.SMTP(LOOPBACK, int(port)) as server:
        for path in sorted((folder / "home" / "outbox").glob("*/*.eml")):
            content = path.read_bytes()
            server.sendmail(SENDER, str(message_from_bytes(content)["To"]), content)


def serve(folder: Path) -> None:
    """A mail server with a mailbox, until its standard input ends."""
    with local_post(folder / "mailbox") as post:
        print(post.port, flush=True)
        sys.stdin.read()


def against_a_server(part: str, folder: Path) -> tuple[Measured, int]:
    """Measure a part that sends, with a server and an empty mailbox of its own; and how many mails arrived."""
    shutil.rmtree(folder / "mailbox", ignore_errors=True)
    with subprocess.Popen(
        [sys.executable, HERE, "serve", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        measured = measure_part(str(HERE), part, folder, port)
        server.stdin.close()
    return measured, sum(1 for _ in (folder / "mailbox" / "new").iterdir())


def measure_writing(folder: Path) -> None:
    """Writing beside its floors."""
    measured = {part: measure_part(str(HERE), part, folder) for part in ("read", "write", "write-floor")}
    measure_part(str(HERE), "ready", folder)
    rendered = measure_part(str(HERE), "render-floor", folder)
    written, floor = measured["write"], measured["write-floor"]
    print(measured["read"].line("  material read, nothing done"), measured["read"].output.strip())
    print(floor.line("  floor: write the same files"))
    print(rendered.line("  floor: Jinja from ready reports, and write"))
    print(written.line("  report: view, page, text, mail", floor=floor), written.output.strip())
    print(f"  {written.wall_s / rendered.wall_s:.1f} x Jinja alone")


def measure_sending(folder: Path) -> None:
    """Sending beside its floor, and a second time; anything but every mail once ends the benchmark."""
    floor, _ = against_a_server("send-floor", folder)
    print(floor.line("  floor: the same mails by smtplib"))
    sent, arrived = against_a_server("send", folder)
    print(sent.line("  send: checked, logged, handed over", floor=floor), sent.output.strip())
    again, none = against_a_server("send", folder)
    print(again.line("  send again: nothing leaves twice", floor=floor), again.output.strip())
    mails = sum(1 for _ in (folder / "home" / "outbox").glob("*/*.eml"))
    if (arrived, none) != (mails, 0):
        raise SystemExit(f"{arrived} of {mails} mails arrived, and {none} a second time")


def main() -> None:
    """Measure each part in a process of its own."""
    from passerelle.warehouse import Warehouse

    parser = argparse.ArgumentParser()
    parser.add_argument("--coaches", type=int, nargs="+", default=[1_000, 10_000])
    if Warehouse(Settings()).published_as_of() is None:
        print(f"left out: no week in {Settings().state_dir}; `make run` first")
        return
    for count in parser.parse_args().coaches:
        with tempfile.TemporaryDirectory() as name:
            measure_part(str(HERE), "make", Path(name), str(count))
            print(f"{count:,} coaches")
            measure_writing(Path(name))
            measure_sending(Path(name))


if __name__ == "__main__":
    parts: dict[str, Callable[..., None]] = {
        "make": make,
        "read": read,
        "write": write,
        "ready": make_ready,
        "render-floor": render_floor,
        "write-floor": write_floor,
        "send": send,
        "send-floor": send_floor,
    }
    if len(sys.argv) > 2 and sys.argv[1] == "serve":
        serve(Path(sys.argv[2]))
    elif len(sys.argv) > 2 and sys.argv[1] in parts:
        more = [int(each) if sys.argv[1] == "make" else each for each in sys.argv[3:]]
        parts[sys.argv[1]](Path(sys.argv[2]), *more)
    else:
        main()
