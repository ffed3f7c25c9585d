"""What the model is given: frames of a Monday, choices, the model in force; and the groups of its audit."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from passerelle.errors import ModelError
from passerelle.school import load_school
from passerelle.settings import Settings
from passerelle.warehouse import Warehouse

if TYPE_CHECKING:
    import pandas as pd

    from support_need.journeys import Question
    from support_need.pipeline import FittedModel
    from support_need.spec import Choices

#: Protected attributes by enrolment: read for the audit alone. An age counts in tens where no band is known.
_GROUPS = """
select * replace (coalesce(age_band, decade || ' to ' || (decade + 9)) as age_band)
from (
    select *, (year(start_date) - birth_year) // 10 * 10 as decade
    from fct_enrolment
    left join dim_learner_protected using (learner_id)
    left join dim_learner using (learner_id)
)
"""


def model_frames(settings: Settings, as_of: dt.date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Panel and targets as of a Monday: all that the model ever sees, and nothing of who objects to profiling."""
    warehouse = Warehouse(settings)
    panel = warehouse.frame(
        "select * from fct_enrolment_week "
        "anti join (select learner_id from dim_learner where has_profiling_objection) using (learner_id)",
        as_of=as_of,
    )
    return panel, warehouse.frame("select * from fct_enrolment_target", as_of=as_of)


def monday_rows(settings: Settings, as_of: dt.date) -> pd.DataFrame:
    """Rows that are scored on a Monday, without the facts of sources that are stale, and with who objects to it."""
    from support_need.refusals import without_stale

    warehouse = Warehouse(settings)
    rows = warehouse.frame(
        "select fct_enrolment_week.*, dim_learner.has_profiling_objection from fct_enrolment_week "
        f"left join dim_learner using (learner_id) where as_of_date = date '{as_of}'",
        as_of=as_of,
    )
    stale = warehouse.frame("select entity, campus from mart_source_freshness where is_stale", as_of=as_of)
    return without_stale(rows, stale)


def audit_groups(settings: Settings, as_of: dt.date) -> pd.DataFrame:
    """Groups that the audit compares, one row per enrolment_id; no step gives them to the model."""
    from support_need.fairness import PROTECTED_GROUPS, SHOWN_GROUPS

    groups = Warehouse(settings).frame(_GROUPS, as_of=as_of)
    return groups.set_index("enrolment_id")[[*PROTECTED_GROUPS, *SHOWN_GROUPS]]


def list_owners(settings: Settings, as_of: dt.date) -> pd.Series:
    """Whose list each enrolment_id can be on: its coach's, else its cohort's; of who was just contacted, nobody's."""
    owners = Warehouse(settings).frame(
        "select enrolment_id, coalesce(coach_id, cohort_id) as owner from fct_enrolment "
        "anti join (select enrolment_id from fct_last_contact where is_cooling_down) using (enrolment_id)",
        as_of=as_of,
    )
    return owners.set_index("enrolment_id")["owner"]


def past_list_owners(settings: Settings, as_of: dt.date) -> pd.Series:
    """The last coach of each enrolment_id that ever had one, also of those who left: whose list it was on."""
    owners = Warehouse(settings).frame(
        "select enrolment_id, arg_max(coach_id, (start_date, known_at)) as owner from caseloads group by enrolment_id",
        as_of=as_of,
    )
    return owners.set_index("enrolment_id")["owner"]


def listed_enrolments(settings: Settings, as_of: dt.date) -> list[str]:
    """Who is on the lists of a Monday, from a build of the lists alone: the risk marts wait for the forecast."""
    from passerelle import transform

    version = version_in_force(settings, as_of)
    transform.build(settings.school, settings, as_of=as_of, select="lists", model_version=version)
    listed = Warehouse(settings).built("select enrolment_id from fct_list_place where is_listed")
    return listed["enrolment_id"].tolist()


def version_in_force(settings: Settings, as_of: dt.date) -> str:
    """Version of the model that was promoted; an empty text while there is none."""
    from passerelle.registry import Registry

    in_force = Registry(settings).in_force(as_of)
    return in_force.version if in_force else ""


def model_choices(settings: Settings, as_of: dt.date) -> Choices:
    """What the school chose of its model, for a Monday."""
    from support_need.spec import Choices

    school = load_school(settings.school)
    model = school.model
    return Choices(
        as_of=as_of,
        targets=model.targets,
        ranked_by=model.ranked_by,
        days=model.backtest.days,
        min_mature_enrolments=model.min_mature_enrolments,
        capacity=school.coaching.capacity,
        horizon_days=school.outcome.horizon_days,
    )


def forecast_question(settings: Settings, as_of: dt.date) -> Question:
    """What a forecast of that Monday answers: the school's definition in force, and its target."""
    from support_need.journeys import Question

    school = load_school(settings.school)
    return Question(
        as_of=as_of,
        definition_id=school.outcome.definition_id,
        horizon_days=school.outcome.horizon_days,
        reporting_lag_days=school.outcome.reporting_lag_days,
        target_share=school.target_rate,
        min_mature_enrolments=school.model.min_mature_enrolments,
    )


def in_force_on(settings: Settings, as_of: dt.date) -> tuple[str, FittedModel]:
    """Version and model that rank on a Monday; the plain rule while the first model waits for a person.

    Raises
    ------
    ModelError
        Nothing was trained yet.
    """
    from passerelle.registry import Registry
    from support_need.pipeline import plain_rule_model
    from support_need.spec import PLAIN_RULE

    registry = Registry(settings)
    in_force = registry.in_force(as_of)
    if in_force is not None:
        return in_force.version, in_force.model
    if registry.versions():
        model = load_school(settings.school).model
        return PLAIN_RULE, plain_rule_model(model.targets, ranked_by=model.ranked_by)
    raise ModelError(
        f"no model is in force on {as_of}",
        allowed="a model promoted on that Monday or before",
        fix="run `passerelle train` for that Monday first",
    )
