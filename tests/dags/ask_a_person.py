"""Three trainings of a hand-made school, each a real run of the DAG; a person answers the second and the third.

ask_a_person.py HOME: prints as JSON what each run did, and leaves the record of decisions in HOME.
"""

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.core_api.datamodels.hitl import UpdateHITLDetailPayload
from airflow.api_fastapi.core_api.routes.public.hitl import update_hitl_detail
from airflow.models.dagbag import DBDagBag
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from rich.console import Console

from habit_school import make_school
from passerelle.orchestration.embedded import migrate
from passerelle.orchestration.week import _go_on, _registered_dags, _run_dag, printed_to
from passerelle.settings import Settings
from passerelle.warehouse import BuildInfo, Warehouse

FIRST = dt.date(2021, 9, 6)


def publish(settings: Settings, as_of: dt.date) -> None:
    """A warehouse of that Monday with what a training reads."""
    panel, targets = make_school(cohorts=8, learners=30)
    people = panel[["enrolment_id", "cohort_id", "campus", "learner_id"]].drop_duplicates()
    marts = {
        "fct_enrolment_week": panel[panel["as_of_date"] <= pd.Timestamp(as_of)],
        "fct_enrolment_target": targets.assign(clock_start_date=pd.NaT),
        "fct_enrolment": people.assign(start_date=dt.date(2020, 1, 6), coach_id=None),
        "dim_learner": people[["learner_id"]].assign(has_profiling_objection=False, education_isced=3),
        "dim_learner_protected": people[["learner_id"]].assign(
            gender="X", birth_year=1990, age_band="30 to 39", has_migration_background=None
        ),
    }
    warehouse = Warehouse(settings)
    with duckdb.connect(str(warehouse.begin(None))) as connection:
        for schema in ("conformed", "intermediate", "marts"):
            connection.execute(f"create schema {schema}")
        for name, frame in marts.items():
            connection.register("frame", frame)
            connection.execute(f"create table marts.{name} as select * from frame")
        connection.execute(
            "create table conformed.caseloads"
            " (enrolment_id text, coach_id text, start_date date, known_at timestamp)"
        )
    warehouse.record(BuildInfo(as_of=as_of, fingerprint="hand-made", landed={}))
    warehouse.publish(as_of)


def answer(run: DagRun, session: Any, option: str, typed: dict[str, str]) -> None:
    """Press a button in Required Actions: the function behind the web page's request."""
    payload = UpdateHITLDetailPayload(chosen_options=[option], params_input=typed)
    person = SimpleAuthManagerUser(username="ines", role="admin")
    update_hitl_detail(run.dag_id, run.run_id, "approve", payload, person, session)
    session.commit()


def states(run: DagRun, session: Any) -> dict[str, str]:
    """State of each task of a run, and of the run."""
    session.expire_all()
    told = {one.task_id: str(one.state) for one in run.get_task_instances(session=session)}
    return told | {"run": str(run.state)}


def main(home: Path) -> None:
    """Train three times, answer twice."""
    settings, console = Settings(school="ai_school", home=home), Console(stderr=True)
    settings.claim_home()
    told = []
    with printed_to(settings.part("logs", "airflow", "foreground.log")):
        migrate(settings)
        dag = _registered_dags()["outlook_training"]
    answers: list[tuple[str, dict[str, str]] | None] = [
        None,
        ("Approve", {"name": "Ines Peeters", "reason": "knows a cohort more", "sign_off": ""}),
        ("Reject", {"name": "", "reason": "no better in Ghent", "sign_off": ""}),
    ]
    for number, said in enumerate(answers):
        monday = FIRST + dt.timedelta(weeks=number)
        publish(settings, monday)
        if number:  # by the time a person looks, the Monday is scored
            settings.part("landing", "outlook", "scores", f"{monday}__any.parquet").touch()
        _run_dag(dag, school="ai_school", as_of=monday, settings=settings, console=console)
        with create_session() as session:
            run = session.query(DagRun).order_by(DagRun.id.desc()).first()
            before = states(run, session)
            if said:
                run.dag = DBDagBag().get_latest_version_of_dag(dag.dag_id, session=session)
                answer(run, session, *said)
                error = _go_on(run, dag, settings=settings, console=console, session=session)
                assert error is None, error
            told.append({"asked": before, "answered": states(run, session)})
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
