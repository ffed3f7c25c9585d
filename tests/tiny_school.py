"""A school of four people in a temporary folder, with one system of every sort: what pulls are tested on."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from passerelle.landing import Landing
from passerelle.settings import Settings
from passerelle.sources import PullResult, pull_school
from passerelle.vault import Vault

SCHOOL = """
name = "Tiny school"
time_zone = "Europe/Brussels"
languages = ["fr", "nl", "en"]
target_rate = 0.8
systems = ["office", "platform", "service", "archive"]

[outcome]
definition_id = "school_promise"
horizon_days = 180
reporting_lag_days = 45

[coaching]
capacity = 6
default_language = "en"

[entities]

[model]
targets = ["completes"]
ranked_by = "completes"
min_mature_enrolments = 1

[model.backtest]
days = [28]
test_cohorts_started_from = 2026-01-01
"""
SYSTEMS = {
    "office": """
kind = "sql"
location_env = "TINY_OFFICE_URL"
default_location = "sqlite:///{home}/office.sqlite"

[tables.learner]
key = ["learner_no"]
known_at = "updated_at"
identifying = ["first_name", "phone", "birth_date"]
phone_columns = ["phone"]
pseudonyms = { learner_no = "learner" }

[tables.learner.columns]
learner_no = "text"
first_name = "text"
phone = "text"
birth_date = "date"
education_isced = "integer"
has_disability = "boolean"
updated_at = "timestamp"

[tables.coach]
key = ["coach_no"]
known_at = "updated_at"
identifying = ["first_name"]
pseudonyms = { coach_no = "coach" }

[tables.coach.columns]
coach_no = "text"
first_name = "text"
campus = "text"
updated_at = "timestamp"
""",
    "platform": """
kind = "files"
location_env = "TINY_PLATFORM_DIR"
default_location = "{home}/platform"

[tables.attendance]
file = "attendance_{date}.csv"
key = ["enrolment_no", "session_date"]
known_at = "recorded_at"

[tables.attendance.columns]
enrolment_no = "text"
session_date = "date"
mark = "text"
minutes = "integer"
recorded_at = "timestamp"

[tables.attendance_note]
file = "attendance_note_{date}.csv"
key = ["note_no"]
known_at = "recorded_at"
identifying = ["email"]

[tables.attendance_note.columns]
note_no = "text"
email = "text"
remark = "text"
recorded_at = "timestamp"
""",
    "service": """
kind = "files"
location_env = "TINY_SERVICE_DIR"
default_location = "{home}/service"
delimiter = ";"
encoding = "latin-1"
date_format = "%d/%m/%Y"
decimal = ","

[tables.placement]
file = "placement_{date}.csv"
key = ["reference", "start_date"]
known_at = "file_date"
identifying = ["surname"]
pseudonyms = { reference = "learner" }

[tables.placement.columns]
reference = "text"
surname = "text"
start_date = "date"
hours_pct = "number"
""",
    "archive": """
kind = "files"
location_env = "TINY_ARCHIVE_DIR"
default_location = "{home}/archive"
null_markers = ["", "?"]

[tables.clicks]
file = "clicks.csv"
key = []
known_at = "landed_at"
pseudonyms = { student = "learner" }

[tables.clicks.columns]
student = "text"
day = "number"
""",
}
OFFICE = """
create table learner (
    learner_no varchar, first_name varchar, phone varchar, birth_date date, education_isced integer,
    has_disability boolean, updated_at datetime
);
create table coach (coach_no varchar, first_name varchar, campus varchar, updated_at datetime);
insert into learner values
    ('L1', 'Aya', '+32 470 12 34 56', '1990-05-01', 3, 0, '2026-01-05 09:00:00'),
    ('L2', 'Bram', null, '1985-11-30', 1, null, '2026-01-06 09:00:00');
insert into coach values ('C1', 'Chloé', 'Gent', '2026-01-02 08:00:00');
"""
ATTENDANCE = """enrolment_no,session_date,mark,minutes,recorded_at
E1,2026-01-12,present,180,2026-01-12T18:00:00Z
E2,2026-01-12,absent,0,2026-01-12T18:00:00Z
"""
NOTES = """note_no,email,remark,recorded_at
N1,aya@example.org,"Ill, will be back",2026-01-12T18:00:00Z
"""
PLACEMENTS = "reference;surname;start_date;hours_pct\nL1;Élodie;01/02/2026;87,5\n"
CLICKS = "student,day\n7,1\n7,1\n8,?\n"


class TinySchool:
    """The school's systems, its state, and the steps on them.

    Parameters
    ----------
    folder : pathlib.Path
        An empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self.schools = folder / "schools"
        self.settings = Settings(school="tiny", home=folder / "home")
        self.home = self.settings.state_dir
        systems = self.schools / "tiny" / "systems"
        systems.mkdir(parents=True)
        (self.schools / "tiny" / "school.toml").write_text(SCHOOL)
        for name, declared in SYSTEMS.items():
            (systems / f"{name}.toml").write_text(declared)
        self.home.mkdir()
        self.sql(OFFICE)
        self.write("platform/attendance_2026-01-12.csv", ATTENDANCE)
        self.write("platform/attendance_note_2026-01-12.csv", NOTES)
        self.write("service/placement_2026-03-01.csv", PLACEMENTS.encode("latin-1"))
        self.write("archive/clicks.csv", CLICKS)

    @property
    def landing(self) -> Landing:
        """The landing."""
        return Landing(self.settings)

    @property
    def vault(self) -> Vault:
        """The vault."""
        return Vault(self.settings)

    def write(self, path: str, content: str | bytes) -> None:
        """Let a system drop a file."""
        file = self.home / path
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def sql(self, script: str) -> None:
        """Change the office's database."""
        with sqlite3.connect(self.home / "office.sqlite") as connection:
            connection.executescript(script)
        connection.close()

    def pull(self) -> PullResult:
        """Pull."""
        return pull_school("tiny", self.settings)

    def pull_and_accept(self) -> dict[str, int]:
        """Pull, and let gate 1 pass."""
        self.pull()
        return self.landing.accept()

    def landed(self, name: str) -> list[dict[str, Any]]:
        """Rows of a table (``system.table``) that have landed, load after load."""
        files = self.landing.accepted_files(*name.split("."))
        rows = pa.concat_tables([pq.read_table(file) for file in files])
        return rows.sort_by([("_load_id", "ascending"), ("_known_at", "ascending")]).to_pylist()

    def stored_bytes(self) -> bytes:
        """Every byte of the state but the systems' own files, the vault's included."""
        theirs = {"platform", "service", "archive", "office.sqlite"}
        files = [path for path in self.home.rglob("*") if path.relative_to(self.home).parts[0] not in theirs]
        names = "\n".join(str(path) for path in files).encode()
        return names + b"".join(path.read_bytes() for path in files if path.is_file())


@pytest.fixture
def tiny_school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinySchool:
    """A tiny school whose systems all answer."""
    school = TinySchool(tmp_path)
    monkeypatch.setenv("PASSERELLE_SCHOOLS_DIR", str(school.schools))
    monkeypatch.delenv("PASSERELLE_KEY", raising=False)
    return school
