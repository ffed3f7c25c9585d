"""# A new model, every month

Trains the support-need model on the past, judges it on later cohorts beside its baselines, and proposes it.

- **When**: the first Monday of the month at 04:00, Brussels time: after the night's data, before the week's scores.
- **Reads**: the published warehouse as of that Monday.
- **Writes**: a run and a model version in MLflow. The first model of an empty home is put in force by the run
  itself and recorded so; every later one stays a proposal until somebody approves it with `passerelle promote`.
- **On error**: the model in force stays in force. Too little history to train is not an error: the plain rule
  ranks, and the result says so. Anything else is in the red task's log; fix it and clear the task.
"""

from airflow.sdk import DAG, Asset, CronTriggerTimetable, task

from passerelle import steps
from passerelle.orchestration import task_defaults, week_of_run

warehouse = Asset(name="warehouse", uri="passerelle://warehouse")
model = Asset(name="support_need_model", uri="passerelle://mlflow/support_need")

with DAG(
    dag_id="outlook_training",
    schedule=CronTriggerTimetable("0 4 * * 1#1", timezone="Europe/Brussels"),
    max_active_runs=1,
    default_args=task_defaults(),
    doc_md=__doc__,
    tags=["passerelle"],
):

    @task(inlets=[warehouse])
    def train() -> object:
        """Train every candidate, judge it out of time and log it."""
        return steps.train(*week_of_run())

    @task
    def propose() -> object:
        """Propose the candidate that beats the baselines, if one does."""
        return steps.propose(*week_of_run())

    @task(outlets=[model])
    def promote_first() -> object:
        """Put the first model of an empty home in force; later ones wait for a person."""
        return steps.promote_first(*week_of_run())

    train() >> propose() >> promote_first()
