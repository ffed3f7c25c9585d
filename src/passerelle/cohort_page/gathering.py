"""The rows behind the cohort page, from the published warehouse."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from passerelle.school import load_school
from passerelle.settings import Settings
from passerelle.warehouse import Warehouse

MEASURE = "attended_share_4w"
#: A running cohort is drawn in front of this middle part of the past cohorts.
SPREAD = {"low": 0.1, "middle": 0.5, "high": 0.9}


@dataclass(frozen=True, kw_only=True)
class Material:
    """Frames of one Monday.

    Attributes
    ----------
    school, definition : str
        Names for people.
    as_of : datetime.date
    target : float
        Share promised, 0-1.
    horizon_days : int
        Days after leaving on which the promise is judged.
    cohorts, years : pandas.DataFrame
        Rows of ``mart_placement`` under the definition in force, by cohort and by intake year.
    definitions : pandas.DataFrame
        The same by intake year under every definition, with its ``title``.
    curves : pandas.DataFrame
        Rows of ``mart_time_to_job`` by intake year.
    running, past_weeks : pandas.DataFrame
        Weeks of the cohorts in training, and ``low``, ``middle``, ``high`` of the past ones by week.
    past_count : int
        How many past cohorts.
    measure : str
        Column of ``running`` that is drawn.
    """

    school: str
    definition: str
    as_of: dt.date
    target: float
    horizon_days: int
    cohorts: pd.DataFrame
    years: pd.DataFrame
    definitions: pd.DataFrame
    curves: pd.DataFrame
    running: pd.DataFrame
    past_weeks: pd.DataFrame
    past_count: int
    measure: str = MEASURE


PLACEMENT = """
    select mart_placement.*, dim_training.title as training_title, year(start_date) as intake_year
    from mart_placement
    left join dim_training on mart_placement.training_id = dim_training.training_id
    where definition_is_in_force and cohort_id <> 'all' and segment_kind = 'all'
"""
BY_YEAR = """
    select
        mart_placement.*,
        cast(segment_value as integer) as intake_year,
        dim_outcome_definition.title || if(dim_outcome_definition.is_verified, '', ' *') as title,
    from mart_placement
    inner join dim_outcome_definition on mart_placement.definition_id = dim_outcome_definition.definition_id
    where cohort_id = 'all' and segment_kind = 'intake_year'
    order by definition_is_in_force desc, mart_placement.definition_id
"""
CURVES = """
    select
        cast(group_value as integer) as intake_year,
        waited_days,
        followed_days,
        placed_share,
        max(at_risk_count) over (partition by group_value) as people_count,
    from mart_time_to_job
    inner join dim_outcome_definition on mart_time_to_job.definition_id = dim_outcome_definition.definition_id
    where group_kind = 'intake_year' and is_in_force
    order by intake_year, waited_days
"""
WEEKS = """
    select
        mart_cohort_week.*,
        dim_training.title as training_title,
        max(mart_cohort_week.as_of_date) over (partition by cohort_id) = date '{as_of}'
        and training_end_date > date '{as_of}' as is_running,
    from mart_cohort_week
    inner join dim_cohort using (cohort_id)
    left join dim_training on mart_cohort_week.training_id = dim_training.training_id
    where week_of_training > 0 and mart_cohort_week.as_of_date <= training_end_date
    order by cohort_id, week_of_training
"""


def gather(school: str, settings: Settings) -> Material:
    """Read what the page shows.

    Raises
    ------
    BuildError
        Nothing is published yet.
    """
    chosen, warehouse = load_school(school), Warehouse(settings)
    (told,) = warehouse.query("select as_of from main.build_info").to_pylist()
    years = warehouse.frame(BY_YEAR)
    in_force = years[years["definition_is_in_force"].astype(bool)]
    weeks = warehouse.frame(WEEKS.format(as_of=told["as_of"])).dropna(subset=[MEASURE])
    is_running = weeks["is_running"].astype(bool)
    past = weeks[~is_running]
    return Material(
        school=chosen.name,
        definition=str(in_force["title"].iloc[0]) if len(in_force) else "",
        as_of=told["as_of"],
        target=chosen.target_rate,
        horizon_days=chosen.outcome.horizon_days,
        cohorts=warehouse.frame(PLACEMENT),
        years=in_force,
        definitions=years,
        curves=warehouse.frame(CURVES),
        running=weeks[is_running],
        past_weeks=_spread_by_week(past),
        past_count=past["cohort_id"].nunique(),
    )


def _spread_by_week(weeks: pd.DataFrame) -> pd.DataFrame:
    """The middle part of the past cohorts in each week of training."""
    by_week = weeks.groupby("week_of_training")[MEASURE]
    spread = {name: by_week.quantile(part) for name, part in SPREAD.items()}
    return pd.DataFrame(spread).reset_index()
