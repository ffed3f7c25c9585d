"""What the DAG files use: the tasks' shared arguments, and which school and Monday a run is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from passerelle.errors import PasserelleError, UnreachableMailServer, UnreachableSource
from passerelle.promotions import Decision
from passerelle.school import load_school, parse_monday
from passerelle.settings import Settings

WAREHOUSE_POOL = "warehouse_writer"
APPROVE = "Approve"
ANSWERS = (APPROVE, "Reject")
#: What whoever answers types in: the name to sign with, why, and why a clear difference among groups is acceptable.
ANSWER_FIELDS = ("name", "reason", "sign_off")


def task_defaults() -> dict[str, Any]:
    """Arguments that every task shares: what may mend itself is tried again, what cannot is not.

    A system or a mail server that does not answer, or a crash that is not ours, gets two more tries. Our other
    errors (a refused file, a failed gate, a wrong setting) would only fail again, so they turn red at once.
    """
    from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

    return {
        "retries": 2,
        "retry_delay": dt.timedelta(minutes=10),
        "retry_policy": ExceptionRetryPolicy(
            rules=[
                RetryRule(exception=UnreachableSource, action=RetryAction.RETRY),
                RetryRule(exception=UnreachableMailServer, action=RetryAction.RETRY),
                RetryRule(exception=PasserelleError, action=RetryAction.FAIL),
            ]
        ),
    }


def week_of_run() -> tuple[str, dt.date]:
    """School and Monday of the DAG run that the calling task belongs to."""
    from airflow.sdk import get_current_context

    run = get_current_context()["dag_run"]
    conf = run.conf or {}
    school = conf.get("school") or Settings().school
    return school, monday_of_run(
        school, conf=conf, partition_key=run.partition_key, scheduled=run.logical_date or run.run_after
    )


def decision_of_run(task_id: str = "approve") -> tuple[Decision, bool]:
    """What a person answered in the DAG run that the calling task belongs to, and whether it is yes.

    Who answers signs with the name typed in; without one the Airflow account is the name.

    Raises
    ------
    ModelError
        No reason was given.
    """
    from airflow.sdk import get_current_context

    answer = get_current_context()["ti"].xcom_pull(task_ids=task_id)
    account = (answer["responded_by_user"] or {}).get("name") or "unknown"
    name, reason, sign_off = (str(answer["params_input"].get(field) or "") for field in ANSWER_FIELDS)
    decision = Decision(
        by=name or account,
        reason=reason,
        sign_off=sign_off,
        at=answer["responded_at"].astimezone(dt.UTC).isoformat(timespec="seconds"),
        via=f"Airflow, account {account}",
    )
    return decision, answer["chosen_options"] == [APPROVE]


def monday_of_run(
    school: str, *, conf: Mapping[str, Any], partition_key: str | None, scheduled: dt.datetime
) -> dt.date:
    """Monday that a run is about: the one asked for, else its partition, else the week it was due in.

    A school that says its own ``now`` (a demonstration, a closed data set) never runs past it: a schedule on the
    wall clock then runs the school's current Monday.

    Parameters
    ----------
    school : str
        Folder name under ``schools/``.
    conf : mapping
        What the run was triggered with; ``as_of`` is a Monday.
    partition_key : str or None
        Monday that the run is the partition of.
    scheduled : datetime.datetime
        When the run was due, with its time zone.

    Raises
    ------
    ConfigError
        The Monday asked for, or the partition, is not a Monday.
    """
    if conf.get("as_of"):
        return parse_monday(conf["as_of"])
    told = load_school(school)
    day = scheduled.astimezone(ZoneInfo(told.time_zone)).date()
    monday = parse_monday(partition_key) if partition_key else day - dt.timedelta(days=day.weekday())
    return min(monday, told.current_monday()) if told.now else monday
