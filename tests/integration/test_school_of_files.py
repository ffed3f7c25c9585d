"""A school with no system worth connecting: a folder, files in the contract's shapes, and no Python."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator

import pytest

from passerelle.landing import Landing
from passerelle.settings import PROJECT_DIR, Settings
from passerelle.sources import pull_school
from passerelle.transform import build
from passerelle.warehouse import Warehouse

MONDAY = dt.date(2026, 10, 5)
FILES = {
    "learners": "learner_id,known_at,gender,age_band,nationality_group,home_language,preferred_language,birth_year,"
    "education_isced,unemployment_months,has_migration_background,has_disability\n"
    "7,2026-08-01T08:00:00Z,F,,BE,fr,fr,1990,3,12,false,\n",
    "trainings": "training_id,known_at,title,field\nT1,2026-08-01T08:00:00Z,Welding,metal\n",
    "cohorts": "cohort_id,known_at,training_id,campus,region,employment_service,start_date,training_end_date,"
    "internship_end_date\nC1,2026-08-01T08:00:00Z,T1,Liège,WAL,forem,2026-09-07,2027-03-05,\n",
    "enrolments": "enrolment_id,known_at,learner_id,cohort_id,prior_attempts_count,credits_studied,wants_work_in_field,"
    "enrolled_date\n"
    "E1,2026-08-01T08:00:00Z,7,C1,0,,,2026-08-01\n",
    "enrolment_status_changes": "status_change_id,known_at,enrolment_id,status,reason_code,effective_date\n"
    "S1,2026-08-01T08:00:00Z,E1,enrolled,,2026-08-01\nS2,2026-09-07T08:00:00Z,E1,started,,2026-09-07\n",
    "attendance": "enrolment_id,session_date,session_part,known_at,mark\n"
    "E1,2026-09-07,am,2026-09-07T10:30:00Z,absent\nE1,2026-09-07,am,2026-09-15T10:30:00Z,present\n",
}


SCHOOL = """
name = "The Workshop"
time_zone = "Europe/Brussels"
languages = ["fr"]
target_rate = 0.70
systems = ["contract_files"]

[outcome]
definition_id = "school_promise"
horizon_days = 180
reporting_lag_days = 45

[coaching]
capacity = 6
default_language = "fr"

[entities]
{entities}
[model]
targets = ["completes"]
ranked_by = "completes"
min_mature_enrolments = 150

[model.backtest]
days = [28]
test_cohorts_started_from = 2026-01-01
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The school's warehouse, from a folder of schools and a folder of files outside the project."""
    tmp_path = tmp_path_factory.mktemp("workshop")
    school = tmp_path / "schools" / "workshop"
    (school / "systems").mkdir(parents=True)
    entities = "".join(f'{entity} = ["contract_files"]\n' for entity in FILES)
    (school / "school.toml").write_text(SCHOOL.format(entities=entities), encoding="utf-8")
    shutil.copy(PROJECT_DIR / "schools" / "contract_files.toml", school / "systems")
    files = tmp_path / "files"
    files.mkdir()
    for entity, content in FILES.items():
        (files / f"{entity}_2026-10-01.csv").write_text(content, encoding="utf-8")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PASSERELLE_SCHOOLS_DIR", str(tmp_path / "schools"))
        monkeypatch.setenv("PASSERELLE_CONTRACT_FILES_DIR", str(files))
        settings = Settings(school="workshop", home=tmp_path / "home")
        pull_school("workshop", settings)
        Landing(settings).accept()
        build("workshop", settings, as_of=MONDAY)
        yield Warehouse(settings)


def test_files_in_the_contract_s_shapes_make_a_panel_without_any_python(warehouse):
    weeks = warehouse.built("""
        select as_of_date, attended_half_days_count, unexcused_count
        from marts.fct_enrolment_week where is_active order by as_of_date
    """)
    assert [tuple(map(int, row)) for row in weeks.iloc[:, 1:].to_numpy()] == [(0, 1), (1, 0), (1, 0), (1, 0)]


def test_a_learner_of_the_files_is_a_pseudonym_in_the_warehouse(warehouse):
    learners = warehouse.built("select learner_id from conformed.learners")["learner_id"]
    assert learners.str.fullmatch("lrn_[0-9a-f]{16}").all()
    assert len(learners) == 1
