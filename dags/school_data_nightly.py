"""# School data, every night

Brings what the school's systems know, checks it, and publishes the marts that everybody queries.

- **When**: every night at 02:00, Brussels time, as of the Monday of that week. For another Monday or school,
  trigger it with `{"as_of": "2026-11-23", "school": "ai_school"}`.
- **Reads**: the school's systems (`schools/<school>/systems/`), then only the landing.
- **Writes**: the landing, the vault, the data docs of gates 1 and 2, the published warehouse, the
  page that explains its marts.
- **On error**: the line stops and the published warehouse stays as it was. A system that does not answer is
  asked again twice, ten minutes apart; a refused file or a failed gate is not, because it would fail again: the
  task's log says what was found, what is allowed and where to fix it. Fix it, then clear the red task. A table
  that is refused stops alone: the others of that pull go through gate 1 and are landed, but nothing is built.
"""

from airflow.sdk import DAG, Asset, CronTriggerTimetable, task

from passerelle import steps
from passerelle.orchestration import WAREHOUSE_POOL, task_defaults, week_of_run

landing = Asset(name="landing", uri="passerelle://landing")
warehouse = Asset(name="warehouse", uri="passerelle://warehouse")

with DAG(
    dag_id="school_data_nightly",
    schedule=CronTriggerTimetable("0 2 * * *", timezone="Europe/Brussels"),
    max_active_runs=1,
    default_args=task_defaults(),
    doc_md=__doc__,
    tags=["passerelle"],
):

    @task(outlets=[landing])
    def pull() -> object:
        """Land what the school's systems have learnt since the last pull; names go to the vault."""
        return steps.pull(*week_of_run())

    @task(trigger_rule="all_done")
    def gate_raw() -> object:
        """Check what somebody else sent us."""
        return steps.gate_raw(*week_of_run())

    @task(pool=WAREHOUSE_POOL)
    def build() -> object:
        """Build and test the marts in a private warehouse."""
        return steps.build(*week_of_run())

    @task(pool=WAREHOUSE_POOL)
    def gate_marts() -> object:
        """Check what the model and the coaches may see."""
        return steps.gate_marts(*week_of_run())

    @task(pool=WAREHOUSE_POOL, outlets=[warehouse])
    def publish() -> object:
        """Swap the private warehouse in, in one step."""
        return steps.publish(*week_of_run())

    @task
    def document() -> object:
        """Describe the published marts in one static page."""
        return steps.document(*week_of_run())

    pulled, built = pull(), build()
    pulled >> gate_raw() >> built >> gate_marts() >> publish() >> document()
    pulled >> built
