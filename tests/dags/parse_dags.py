"""Parse a folder of DAG files like Airflow does and write what they say as JSON: parse_dags.py FOLDER JSON."""

import json
import sys
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.providers.standard.operators.hitl import HITLOperator


def describe_question(task: Any) -> dict[str, Any] | None:
    """What a task asks a person; None for one that asks nobody."""
    if not isinstance(task, HITLOperator):
        return None
    return {
        "operator": type(task).__name__,
        "options": task.options,
        "defaults": task.defaults,
        "fields": list(task.params),
        "waits_days": task.response_timeout.days if task.response_timeout else None,
    }


def describe_task(task: Any) -> dict[str, Any]:
    """What one task promises."""
    return {
        "downstream": sorted(task.downstream_task_ids),
        "trigger_rule": str(task.trigger_rule.value),
        "retries": task.retries,
        "retry_delay_seconds": task.retry_delay.total_seconds(),
        "retry_rules": [[rule.exception_path, rule.action.value] for rule in task.retry_policy.rules],
        "pool": task.pool,
        "doc": task.doc_md,
        "inlets": [asset.name for asset in task.inlets],
        "outlets": {asset.name: asset.uri for asset in task.outlets},
        "multiple_outputs": getattr(task, "multiple_outputs", False),
        "asks": describe_question(task),
    }


def describe_dag(dag: Any) -> dict[str, Any]:
    """What one DAG promises."""
    timetable = dag.timetable
    return {
        "file": Path(dag.fileloc).name,
        "doc": dag.doc_md,
        "timetable": type(timetable).__name__,
        "cron": timetable.expression,
        "time_zone": str(timetable.timezone),
        "key_format": getattr(timetable, "key_format", None),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "tasks": {task.task_id: describe_task(task) for task in dag.topological_sort()},
    }


def main(folder: str, target: str) -> None:
    """Parse and write."""
    bag = DagBag(folder, bundle_path=Path(folder), bundle_name="dags-folder")
    told = {
        "import_errors": bag.import_errors,
        "dags": {dag_id: describe_dag(dag) for dag_id, dag in bag.dags.items()},
    }
    Path(target).write_text(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
