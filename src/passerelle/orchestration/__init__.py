"""The only package that configures and starts Airflow: one week in the foreground, or the services until stopped.

Airflow is embedded: its settings, SQLite database, secrets and logs live in the school's state folder, and it
listens on this machine only.
"""

from passerelle.orchestration.services import up
from passerelle.orchestration.tasks import (
    ANSWER_FIELDS,
    ANSWERS,
    WAREHOUSE_POOL,
    decision_of_run,
    monday_of_run,
    task_defaults,
    week_of_run,
)
from passerelle.orchestration.week import WEEK, run_week

__all__ = [
    "ANSWERS",
    "ANSWER_FIELDS",
    "WAREHOUSE_POOL",
    "WEEK",
    "decision_of_run",
    "monday_of_run",
    "run_week",
    "task_defaults",
    "up",
    "week_of_run",
]
