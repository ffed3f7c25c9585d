"""Everything that the reports of one Monday are made from; the only part that reads the warehouse and the vault.

What the weekly watch over the model found it reads a week later: the watch runs last, so that it holds up nobody.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from passerelle.errors import ReportError
from passerelle.landing import Landing
from passerelle.reports.classes import COHORT_WEEKS, COHORTS, FORECASTS, STALE
from passerelle.reports.learner_weeks import WEEKS_SHOWN
from passerelle.reports.material import Material
from passerelle.school import load_school
from passerelle.settings import Settings

#: Whoever drew no place is not named: then nothing would set the two apart (docs/decisions/0026).
RISK_LIST = """
select *, is_near_cut and not is_listed and listed_probability is null as is_just_outside from mart_risk_list
order by list_owner_id, enrolment_id
"""
#: All that a report needs to know of a person; whatever else the vault keeps stays there.
NAME = ["first_name", "last_name"]
COACHES = "select coach_id, language from dim_coach order by coach_id"
PAST_LISTS = """
select
    count(distinct shown.enrolment_id) as known_count,
    count(distinct shown.enrolment_id) filter (where not target.is_positive) as needed_count,
from fct_shown_name as shown
inner join fct_enrolment_target as target
    on shown.enrolment_id = target.enrolment_id and target.target = '{target}' and target.is_mature
where not shown.is_also_check_in
"""
UNANSWERED = """
select shown.list_owner_id, count(*) as name_count
from fct_shown_name as shown
anti join fct_support_action as action
    on shown.enrolment_id = action.enrolment_id and shown.as_of_date = action.list_date
where shown.as_of_date = date '{as_of}' - 7 and not shown.is_also_check_in
group by shown.list_owner_id
"""
LAST_ACTIONS = """
select enrolment_id, action_date, outcome_code from fct_support_action
where action_code is not null and enrolment_id in (select enrolment_id from mart_risk_list)
qualify row_number() over (partition by enrolment_id order by action_date desc, support_action_id) = 1
"""
#: Attendance of a week is what that Monday's data added to the sums; an assignment stays open until it is handed in.
#: A count that is not known is below zero.
LEARNER_WEEKS = """
with weekly as (
    select
        enrolment_id,
        as_of_date,
        planned_half_days_count - lag(planned_half_days_count, 1, 0) over weeks as planned_half_days,
        attended_half_days_count - lag(attended_half_days_count, 1, 0) over weeks as attended_half_days,
        due_count - handed_in_of_due_count as open_assignments,
        active_days_count_1w as active_days,
    from fct_enrolment_week
    where
        as_of_date between date '{as_of}' - 7 * {weeks} and date '{as_of}'
        and enrolment_id in (select enrolment_id from mart_risk_list where is_listed)
    window weeks as (partition by enrolment_id order by as_of_date)
    qualify as_of_date > date '{as_of}' - 7 * {weeks}
)
select
    enrolment_id,
    list(cast(as_of_date - 7 as text) order by as_of_date) as week_first_days,
    list(coalesce(planned_half_days, -1) order by as_of_date) as planned_half_days,
    list(coalesce(attended_half_days, -1) order by as_of_date) as attended_half_days,
    list(coalesce(open_assignments, -1) order by as_of_date) as open_assignments,
    list(coalesce(active_days, -1) order by as_of_date) as active_days,
from weekly
group by enrolment_id
"""


def gather(settings: Settings, *, as_of: dt.date) -> Material:
    """Read that Monday's marts, and the names of the people in them.

    Raises
    ------
    ReportError
        The risk list is not that Monday's.
    """
    from passerelle.vault import Vault
    from passerelle.warehouse import Warehouse

    warehouse, vault = Warehouse(settings), Vault(settings)
    risk_list = warehouse.frame(RISK_LIST, as_of=as_of)
    _refuse_other_mondays(risk_list, as_of)
    coaches = warehouse.frame(COACHES, as_of=as_of).set_index("coach_id")
    owners = coaches.index.intersection(pd.Index(risk_list["list_owner_id"].unique()))
    ranked_by = load_school(settings.school).model.ranked_by
    return Material(
        risk_list=risk_list,
        coaches=coaches,
        cohorts=warehouse.frame(COHORTS, as_of=as_of).set_index("cohort_id"),
        cohort_weeks=warehouse.frame(COHORT_WEEKS, as_of=as_of),
        actions=warehouse.frame(LAST_ACTIONS, as_of=as_of).set_index("enrolment_id"),
        learner_people=vault.people("learner", _named(risk_list), as_of=as_of).reindex(columns=NAME),
        coach_people=vault.people("coach", sorted(owners), as_of=as_of).reindex(columns=[*NAME, "email"]),
        forecasts=warehouse.frame(FORECASTS.format(as_of=as_of.isoformat()), as_of=as_of),
        unanswered=warehouse.frame(UNANSWERED.format(as_of=as_of.isoformat()), as_of=as_of).set_index(
            "list_owner_id"
        )["name_count"],
        learner_weeks=warehouse.frame(
            LEARNER_WEEKS.format(as_of=as_of.isoformat(), weeks=WEEKS_SHOWN), as_of=as_of
        ).set_index("enrolment_id"),
        past_lists=warehouse.frame(PAST_LISTS.format(target=ranked_by), as_of=as_of),
        stale=warehouse.frame(STALE, as_of=as_of),
        checks=Landing(settings).checks(as_of - dt.timedelta(weeks=1)),
    )


def _named(risk_list: pd.DataFrame) -> list[str]:
    """Learners whose names a report can show."""
    named = risk_list[
        risk_list["is_listed"].fillna(False).astype(bool)
        | risk_list["is_also_check_in"].fillna(False).astype(bool)
        | risk_list["is_just_outside"].fillna(False).astype(bool)
        | (risk_list["list_change"] == "off")
        | risk_list["not_scored_reason"].notna()
    ]
    return sorted(named["learner_id"].unique())


def _refuse_other_mondays(risk_list: pd.DataFrame, as_of: dt.date) -> None:
    found = {day.date() for day in pd.to_datetime(risk_list["as_of_date"]).unique()} - {as_of}
    if found:
        raise ReportError(
            f"mart_risk_list is of {min(found)}",
            allowed=f"{as_of}, the Monday of the reports",
            fix=f"passerelle week --as-of {as_of}",
        )
