"""# A new model, every month

Trains the support-need model on the past, judges it on later cohorts beside its baselines, proposes it, and asks.

- **When**: the first Monday of the month at 04:00, Brussels time: after the night's data, before the week's scores.
- **Reads**: the published warehouse as of that Monday.
- **Writes**: a run and a model version in MLflow, and the decision on it. The first model of an empty home is put in
  force by the run itself and recorded so; every later one waits at `approve` (Required Actions) until a person says
  yes or no with a reason, here or by `passerelle promote`. A yes holds from the first Monday not scored yet.
- **On error**: the model in force stays in force. Too little history to train is no error: the plain rule ranks, and
  the result says so. `approve` red: nobody answered in three weeks. `decide` red: no reason, or a violation that nobody
  signed off; clear `approve` and answer again. Anything else: the red task's log says; fix it and clear the task.
"""

import datetime as dt

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import DAG, Asset, CronTriggerTimetable, Param, task

from passerelle import steps
from passerelle.orchestration import ANSWER_FIELDS, ANSWERS, decision_of_run, task_defaults, week_of_run

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

    @task(outlets=[model])
    def promote_first() -> object:
        """Put the first model of an empty home in force; later ones wait for a person."""
        return steps.promote_first(*week_of_run())

    @task.short_circuit
    def propose() -> object:
        """Propose the new model; nobody is asked where nothing waits."""
        told = steps.propose(*week_of_run())
        return told if told["waits_for"] else None

    approve = HITLOperator(
        task_id="approve",
        subject="Shall the new model rank?",
        body="{{ ti.xcom_pull(task_ids='propose')['question'] }}",
        options=[*ANSWERS],
        params={name: Param("", type="string") for name in ANSWER_FIELDS},
        response_timeout=dt.timedelta(weeks=3),
        retries=0,
        doc_md="Ask a person.",
    )

    @task(outlets=[model])
    def decide() -> object:
        """Record the answer, and put the model in force if it is yes."""
        decision, is_approved = decision_of_run()
        return steps.decide(*week_of_run(), decision=decision, is_approved=is_approved)

    train() >> promote_first() >> propose() >> approve >> decide()
