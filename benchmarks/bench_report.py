"""Writing and sending the reports of 10,000 coaches, each beside a floor of the same bytes in the same run.

    python benchmarks/bench_report.py [--coaches 10000]

Needs a home with a week in it (PASSERELLE_HOME, or var/ai_school after `make run`): its coaches, with their learners'
real facts and names, are repeated under new numbers. The mails go by SMTP to a real server on this machine, a process
of its own that puts each in a mailbox. The floors do the least that the same result takes: write the same files, and
hand the same ready mails to the same server by smtplib, over one connection.
"""

from __future__ import annotations

import argparse
import pickle
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
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
    (folder / "material.pickle").write_bytes(pickle.dumps((as_of, material)))
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
    lists, learners, people, languages = [], [], [], []
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
        person = material.coach_people.loc[[coach]].assign(email=f"coach{place}@school.example")
        people.append(person.set_axis(pd.Index([coach_id], name="person_id")))
        languages.append((coach_id, material.coaches.at[coach, "language"]))
    return replace(
        material,
        risk_list=pd.concat(lists, ignore_index=True),
        learner_people=pd.concat(learners).loc[lambda frame: ~frame.index.duplicated()],
        coach_people=pd.concat(people),
        coaches=pd.DataFrame(languages, columns=["coach_id", "language"]).set_index("coach_id"),
    )


def write(folder: Path) -> None:
    """View, page, plain text and mail of every coach."""
    from passerelle.answer_links import answer_link
    from passerelle.reports.playbook import read_playbook
    from passerelle.reports.view import Edition
    from passerelle.reports.writing import write_edition
    from support_need import explain

    settings, school = Settings(home=folder / "home"), load_school(Settings().school)
    as_of, material = pickle.loads((folder / "material.pickle").read_bytes())
    edition = Edition(
        material=material,
        school=school,
        as_of=as_of,
        playbooks={language: read_playbook(settings.school, language) for language in school.languages},
        sentence=explain.sentence,
        answer_address=lambda coach_id, enrolment_id, verdict: answer_link(
            settings, coach_id=coach_id, enrolment_id=enrolment_id, as_of=as_of, verdict=verdict
        ),
    )
    result = write_edition(
        edition,
        folder=settings.part("reports", as_of.isoformat()),
        outbox=settings.part("outbox", as_of.isoformat()),
    )
    print(f"{result.count} written, {result.listed} learners named")


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

    as_of, _ = pickle.loads((folder / "material.pickle").read_bytes())
    settings = Settings(
        home=folder / "home", smtp_host=LOOPBACK, smtp_port=int(port), smtp_security="none", mail_from=SENDER
    )
    print(send_mails(settings, as_of=as_of).counts)


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


def main() -> None:
    """Measure each part in a process of its own."""
    from passerelle.warehouse import Warehouse

    parser = argparse.ArgumentParser()
    parser.add_argument("--coaches", type=int, default=10_000)
    count = parser.parse_args().coaches
    if Warehouse(Settings()).published_as_of() is None:
        print(f"left out: no week in {Settings().state_dir}; `make run` first")
        return
    with tempfile.TemporaryDirectory() as name:
        folder, started = Path(name), time.perf_counter()
        measure_part(str(HERE), "make", folder, str(count))
        print(f"{count:,} coaches (made in {time.perf_counter() - started:.0f} s)")
        written, floor = (
            measure_part(str(HERE), "write", folder),
            measure_part(str(HERE), "write-floor", folder),
        )
        print(floor.line("  floor: write the same files"))
        print(written.line("  report: view, page, text, mail", floor=floor), written.output.strip())
        floor, _ = against_a_server("send-floor", folder)
        print(floor.line("  floor: the same mails by smtplib"))
        sent, arrived = against_a_server("send", folder)
        print(sent.line("  send: checked, logged, handed over", floor=floor), sent.output.strip())
        again, none = against_a_server("send", folder)
        print(again.line("  send again: nothing leaves twice", floor=floor), again.output.strip())
        mails = sum(1 for _ in (folder / "home" / "outbox").glob("*/*.eml"))
        if mails < count or (arrived, none) != (mails, 0):
            raise SystemExit(f"{arrived} of {mails} mails arrived, and {none} a second time")


if __name__ == "__main__":
    parts: dict[str, Callable[..., None]] = {
        "make": make,
        "write": write,
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
