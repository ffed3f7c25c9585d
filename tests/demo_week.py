"""The demo school's week, run once through the real DAGs on an empty home, for every test that looks at it."""

import os
import re
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Canary:
    """A person whose every identifying value can be searched for."""

    first_name: str = "Quorvixia"
    last_name: str = "Zyxwvutski"
    email: str = "quorvixia.zyxwvutski@canary.example"
    phone: str = "+32 499 87 65 43"
    street: str = "Kanariestraat 4711"
    birth_date: str = "1987-06-05"

    @property
    def traces(self) -> tuple[str, ...]:
        """Texts that only this person's record holds."""
        return (self.first_name, self.last_name, self.email, self.phone, self.street)


@dataclass(frozen=True)
class Week:
    """One run of the demo school: where its state is, and what the last command said."""

    home: Path
    ran: subprocess.CompletedProcess[str]
    canary: Canary = field(default_factory=Canary)


def passerelle(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line on a state folder."""
    return subprocess.run(
        [Path(sys.executable).with_name("passerelle"), *arguments],
        env=os.environ | {"PASSERELLE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


def plant(canary: Canary, systems: Path) -> None:
    """Give one learner who is in training, and on a coach's list of people, the canary's identity everywhere."""
    exports = {path: path.read_text(encoding="utf-8") for path in (systems / "lms").glob("submission_*.csv")}
    with sqlite3.connect(systems / "sis.sqlite") as sis:
        in_training = sis.execute(
            """
            select learner.learner_no, enrolment.enrolment_no
            from learner
            inner join enrolment using (learner_no)
            inner join cohort using (cohort_code)
            inner join caseload using (enrolment_no)
            where cohort.start_date < '2026-10-01' and cohort.training_end_date > '2026-12-01'
            order by learner.learner_no desc
            """
        ).fetchall()
        handing_in = "".join(exports.values())
        learner_no, enrolment_no = next(row for row in in_training if f",{row[1]}," in handing_in)
        sis.execute(
            "update learner set first_name = ?, last_name = ?, email = ?, phone = ?, street = ?, birth_date = ?"
            " where learner_no = ?",
            (*canary.traces, canary.birth_date, learner_no),
        )
    for path, text in exports.items():
        named = re.sub(rf"(,{enrolment_no},)[^,]+", rf"\g<1>{canary.email}", text)
        path.write_text(named, encoding="utf-8")


@pytest.fixture(scope="session")
def demo_week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    """What `make run` does, with a canary among the learners."""
    home = tmp_path_factory.mktemp("demo_week")
    made = passerelle(home, "demo")
    assert made.returncode == 0, made.stderr
    plant(Canary(), home / "demo_school")
    ran = passerelle(home, "run")
    assert ran.returncode == 0, ran.stderr
    return Week(home, ran)
