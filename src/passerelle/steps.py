"""One function per step of the road: what DAG tasks and the command line call, and nothing else does.

Every step takes a school and a Monday, returns a small result fit for JSON and free of personal data,
and leaves that result in ``runs/<as_of>/<step>.json`` for the summary. Run twice, it does the same once.
Heavy libraries are imported inside the step that needs them.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from passerelle.atomic import write_atomically
from passerelle.errors import GateFailure
from passerelle.model_inputs import (
    audit_groups,
    forecast_question,
    in_force_on,
    list_owners,
    listed_enrolments,
    model_choices,
    model_frames,
    monday_rows,
    past_list_owners,
    version_in_force,
)
from passerelle.promotions import Decision, first_open_monday, proposal
from passerelle.school import load_school
from passerelle.settings import Settings

Result = dict[str, Any]
Progress = Callable[[str, int, int], None]
Step = Callable[..., Result]


def _step(function: Step) -> Step:
    """Give a step its settings, bind the state folder to the school, and keep the result."""

    @functools.wraps(function)
    def run(school: str, as_of: dt.date, *, progress: Progress | None = None, **told: Any) -> Result:
        settings = Settings(school=school)
        load_school(school)
        settings.claim_home()
        result = function(settings, as_of, progress or _silent, **told)
        kept = settings.part("runs", as_of.isoformat(), f"{function.__name__}.json")
        write_atomically(kept, json.dumps(result, indent=2, default=str).encode())
        return result

    return run


def _silent(text: str, done: int, total: int) -> None:
    """Progress for nobody."""


def kept_results(settings: Settings, as_of: dt.date) -> dict[str, Result]:
    """Results that the steps of one Monday left, by step."""
    folder = settings.part("runs", as_of.isoformat(), "_").parent
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


@_step
def pull(settings: Settings, as_of: dt.date, progress: Progress) -> Result:
    """Bring what is new in every system to the landing's waiting room; names go to the vault."""
    from passerelle.sources import pull_school

    return pull_school(settings.school, settings, progress=progress).as_dict()


@_step
def gate_raw(settings: Settings, as_of: dt.date, progress: Progress) -> Result:
    """Check what was pulled: accept all of it, or set all of it aside and stop the line."""
    from passerelle import gates
    from passerelle.landing import Landing

    landing = Landing(settings)
    waiting = landing.waiting()
    try:
        checked = gates.check(
            "raw",
            school=settings.school,
            settings=settings,
            frames={name: table.to_pandas(date_as_object=False) for name, table in waiting.items()},
            landed={
                name: gates.Landed(landing.landed_count(name), landing.newest_known_at(name))
                for name in waiting
            },
        )
    except GateFailure:
        landing.reject()
        raise
    accepted = landing.accept()
    return checked.as_dict() | {"accepted": accepted}


@_step
def build(settings: Settings, as_of: dt.date, progress: Progress, *, full_refresh: bool = False) -> Result:
    """Build every table up to the marts as of the Monday, aside from the published warehouse."""
    from passerelle import transform

    return transform.build(
        settings.school, settings, as_of=as_of, full_refresh=full_refresh, progress=progress
    ).as_dict()


@_step
def gate_marts(settings: Settings, as_of: dt.date, progress: Progress) -> Result:
    """Check what the model may eat and what the data team is promised."""
    from passerelle import gates
    from passerelle.warehouse import Warehouse

    warehouse = Warehouse(settings)
    frames = {table: warehouse.built(f"select * from {table}") for table in gates.suite_tables("marts")}
    return gates.check("marts", school=settings.school, settings=settings, frames=frames, day=as_of).as_dict()


@_step
def publish(settings: Settings, as_of: dt.date, progress: Progress) -> Result:
    """Put the built warehouse in the readers' place, in one move."""
    from passerelle.warehouse import Warehouse

    return Warehouse(settings).publish(as_of).as_dict()


@_step
def keep(settings: Settings, as_of: dt.date, progress: Progress) -> Result:
    """Keep the built warehouse as that Monday's own, and leave the published one alone."""
    from passerelle.warehouse import Warehouse

    return Warehouse(settings).publish(as_of, current=False).as_dict()


@_step
def document(settings: Settings, as_of: dt.date, progress: Progress) -> Result:
    """Describe the published marts in one static page, and show the cohorts in another.

    The pages of a later Monday stand: they are of what everybody reads.
    """
    from passerelle import transform
    from passerelle.cohort_page import write_cohort_page
    from passerelle.warehouse import Warehouse

    published = Warehouse(settings).published_as_of()
    if published is not None and published > as_of:
        return {"left_alone": f"the published marts are of {published}, later than {as_of}"}
    return {
        "page": str(transform.docs(settings.school, settings)),
        "cohorts": str(write_cohort_page(settings.school, settings)),
    }


@_step
def train(settings: Settings, as_of: dt.date, progress: Progress) -> Result:
    """Train every candidate on what was known that Monday, judge them, and log the outcome."""
    from passerelle.registry import Registry
    from support_need.fairness import audit
    from support_need.train import train as train_candidates

    panel, targets = model_frames(settings, as_of)
    training = train_candidates(
        panel, targets, choices=model_choices(settings, as_of), owner=past_list_owners(settings, as_of)
    )
    registry = Registry(settings)
    groups = audit_groups(settings, as_of)
    audits = {target: audit(judged, groups) for target, judged in training.judged.items()}
    version = registry.log(training, audits)
    return {
        "model_version": version,
        "chosen": {target: fitted.candidate for target, fitted in training.model.by_target.items()},
        "basis": training.model.basis,
        "why": training.model.why,
        "figures": training.figures,
        "violations": registry.violations(version),
        "card": str(registry.card(version)),
        "data": {target: asdict(snapshot) for target, snapshot in training.data.items()},
    }


@_step
def promote_first(settings: Settings, as_of: dt.date, progress: Progress) -> Result:
    """Put the first model of an empty home in force; a later one waits for a person."""
    from passerelle.registry import Registry

    registry = Registry(settings)
    if registry.in_force(as_of) is None:
        registry.promote_first(kept_results(settings, as_of)["train"]["model_version"], as_of=as_of)
    return {"promotions": registry.promotions()}


@_step
def propose(settings: Settings, as_of: dt.date, progress: Progress) -> Result:
    """Say which model is in force, and which one waits for a person, with what that person has to know."""
    from passerelle.registry import Registry

    trained = kept_results(settings, as_of)["train"]
    proposed, found = trained["model_version"], trained.get("violations", [])
    registry = Registry(settings)
    in_force, decided = registry.in_force(as_of), registry.decision_on(proposed)
    rank_now = in_force.version if in_force else None
    sign_off = " --sign-off WHY" if found else ""
    return {
        "proposed": proposed,
        "in_force": rank_now,
        "violations": found,
        "waits_for": None if decided else f"passerelle promote {proposed} --by NAME --reason WHY{sign_off}",
        "question": proposal(trained, in_force=rank_now),
    }


@_step
def decide(
    settings: Settings, as_of: dt.date, progress: Progress, *, decision: Decision, is_approved: bool
) -> Result:
    """Record what a person said of the proposed model, and put it in force if the answer is yes."""
    from passerelle.registry import Registry

    version = kept_results(settings, as_of)["propose"]["proposed"]
    registry = Registry(settings)
    line = registry.decision_on(version)
    if line is None and is_approved:
        line = registry.promote(version, decision, as_of=first_open_monday(settings, as_of))
    elif line is None:
        line = registry.reject(version, decision)
    return asdict(line)


@_step
def score(settings: Settings, as_of: dt.date, progress: Progress) -> Result:
    """Score the Monday's learners with the model in force, once, in an immutable file."""
    from passerelle.landing import Landing
    from support_need.score import score as score_learners

    version, model = in_force_on(settings, as_of)
    scores = score_learners(
        model,
        monday_rows(settings, as_of),
        model_version=version,
        owner=list_owners(settings, as_of),
        capacity=load_school(settings.school).coaching.capacity,
    )
    path = Landing(settings).land_scores(scores, as_of=as_of, model_version=version)
    return {
        "model_version": version,
        "scored": int(scores["score_probability"].notna().sum()),
        "not_scored": int(scores["score_probability"].isna().sum()),
        "file": str(path),
    }


@_step
def gate_scores(settings: Settings, as_of: dt.date, progress: Progress) -> Result:
    """Check the score file before anything is built on it."""
    import pandas as pd

    from passerelle import gates

    scores = pd.read_parquet(kept_results(settings, as_of)["score"]["file"])
    frames = {"fct_score": scores}
    return gates.check(
        "scores", school=settings.school, settings=settings, frames=frames, day=as_of
    ).as_dict()


@_step
def monitor(settings: Settings, as_of: dt.date, progress: Progress) -> Result:
    """Check whether the model in force still meets the world that it learned from."""
    from passerelle.watching import watch

    return watch(settings, as_of)


@_step
def forecast(settings: Settings, as_of: dt.date, progress: Progress) -> Result:
    """Forecast the final placement rate of every running cohort, campus and the school, in an immutable file."""
    from passerelle.landing import Landing
    from support_need.forecast import SCHOOL
    from support_need.forecast import forecast as forecast_rates
    from support_need.pipeline import FittedTarget, prepare
    from support_need.spec import PLAIN_RULE

    version, model = in_force_on(settings, as_of)
    landing = Landing(settings)
    scores = landing.scores(as_of=as_of, model_version=version)
    panel, targets = model_frames(settings, as_of)
    said = forecast_rates(
        prepare(panel),
        targets,
        completes=model.by_target.get("completes", FittedTarget(candidate=PLAIN_RULE, stages={})),
        question=forecast_question(settings, as_of),
        model_version=version,
        listed=listed_enrolments(settings, as_of),
        not_scored=scores.loc[scores["score_probability"].isna(), "enrolment_id"].tolist(),
    )
    path = landing.land_said("forecasts", said, as_of=as_of, model_version=version)
    school = said[said["scope_kind"] == SCHOOL].to_dict("records")
    return {"scopes": len(said), "school": school[0] if school else None, "file": str(path)}


@_step
def build_risk(settings: Settings, as_of: dt.date, progress: Progress) -> Result:
    """Build the risk marts from the Monday's scores, aside from the published warehouse."""
    from passerelle import transform

    return transform.build(
        settings.school,
        settings,
        as_of=as_of,
        select="risk",
        model_version=version_in_force(settings, as_of),
        progress=progress,
    ).as_dict()


@_step
def report(settings: Settings, as_of: dt.date, progress: Progress) -> Result:
    """Write each coach's report and mail for the Monday."""
    from passerelle.reports import write_reports

    return write_reports(settings.school, settings, as_of=as_of).as_dict()


@_step
def send(settings: Settings, as_of: dt.date, progress: Progress) -> Result:
    """Hand the Monday's mails to the mail server, each of them once."""
    from passerelle.reports import send_mails

    return send_mails(settings, as_of=as_of).as_dict()
