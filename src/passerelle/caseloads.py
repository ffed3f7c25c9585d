"""Which coach follows whom: looked up before a name is shown at the desk, and again before a mail with names leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from passerelle.warehouse import Warehouse

STANDING = """
with of_coaches as (
    select * from caseloads
    where {scope}
),
latest as (
    select * from of_coaches
    qualify row_number() over (partition by caseload_id order by known_at desc) = 1
)
select distinct coach_id, enrolment_id from latest
where start_date <= date '{day}' and coalesce(end_date, date '{day}') >= date '{day}'
"""
#: Every version of a caseload that was once theirs, also those that gave it to somebody else.
OF_COACHES = "caseload_id in (select caseload_id from caseloads where coach_id in ({coach_ids}))"


def followed(
    warehouse: Warehouse, day: dt.date, *, coach_ids: Iterable[str] | None = None
) -> set[tuple[str, str]]:
    """Coach and enrolment of every caseload that stands on a day, as the published warehouse knows it.

    Parameters
    ----------
    warehouse : Warehouse
    day : datetime.date
    coach_ids : iterable of str, optional
        Only theirs; of everybody when not given.
    """
    scope = "true"
    if coach_ids is not None:
        quoted = ("'{}'".format(coach_id.replace("'", "''")) for coach_id in coach_ids)
        scope = OF_COACHES.format(coach_ids=", ".join(quoted))
    rows = warehouse.frame(STANDING.format(scope=scope, day=day.isoformat()))
    return set(rows[["coach_id", "enrolment_id"]].itertuples(index=False, name=None))
