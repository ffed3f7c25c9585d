"""# The coaches' week, every Monday

Scores every learner in training, checks the scores, writes each coach's list for the week, and sends it.

- **When**: every Monday at 06:00, Brussels time. The run's partition is that Monday; a past one is backfilled.
- **Reads**: the published warehouse, the model in force (the plain rule when there is none), the vault for names.
- **Writes**: immutable files of scores, of what the watch found and of forecasts; risk marts, data docs of gate 3,
  `reports/<as_of>/` and the outbox; mails go to the mail server of the environment, else to `mailbox/`.
- **On error**: last week's reports stay; the red task's log says what was found and where to fix it. `score`: run
  `school_data_nightly` first. Then clear the red task; a Monday run twice writes the same and sends no mail twice.
"""

from airflow.sdk import DAG, Asset, CronPartitionTimetable, task

from passerelle import steps
from passerelle.orchestration import WAREHOUSE_POOL, task_defaults, week_of_run

warehouse = Asset(name="warehouse", uri="passerelle://warehouse")
model = Asset(name="support_need_model", uri="passerelle://mlflow/support_need")
scores = Asset(name="scores", uri="passerelle://landing/outlook/scores")
forecasts = Asset(name="forecasts", uri="passerelle://landing/outlook/forecasts")
reports = Asset(name="coach_reports", uri="passerelle://reports")

with DAG(
    dag_id="outlook_weekly",
    schedule=CronPartitionTimetable("0 6 * * 1", timezone="Europe/Brussels", key_format="%Y-%m-%d"),
    max_active_runs=1,
    default_args=task_defaults(),
    doc_md=__doc__,
    tags=["passerelle"],
):

    @task(inlets=[warehouse, model], outlets=[scores])
    def score() -> object:
        """Score the learners in training with the model in force."""
        return steps.score(*week_of_run())

    @task
    def gate_scores() -> object:
        """Check the scores before anybody sees them."""
        return steps.gate_scores(*week_of_run())

    @task(pool=WAREHOUSE_POOL, outlets=[forecasts])
    def forecast() -> object:
        """Forecast the final placement rate of what is still running."""
        return steps.forecast(*week_of_run())

    @task(pool=WAREHOUSE_POOL)
    def build_risk() -> object:
        """Build the risk marts in a private warehouse."""
        return steps.build_risk(*week_of_run())

    @task(pool=WAREHOUSE_POOL, outlets=[warehouse])
    def publish() -> object:
        """Swap the private warehouse in, in one step."""
        return steps.publish(*week_of_run())

    @task(outlets=[reports])
    def report() -> object:
        """Write each coach's list, in the coach's language."""
        return steps.report(*week_of_run())

    @task
    def send() -> object:
        """Hand the mails to the mail server, each of them once."""
        return steps.send(*week_of_run())

    @task
    def monitor() -> object:
        """Check whether the model still meets the world that it learned from."""
        return steps.monitor(*week_of_run())

    score() >> gate_scores() >> forecast() >> build_risk() >> publish() >> report() >> send() >> monitor()
