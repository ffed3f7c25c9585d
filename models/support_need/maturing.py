"""What a class that is still maturing tells: months of each learner, as far as news of them had come by a Monday.

Placement is a discrete-time hazard on person-months. A learner is at risk month after month until work is found, the
horizon ends, or what we know ends: a class that left two months ago counts with two months (right-censored), and
nobody waits for the last answer. Who leaves too early to be placed has met the other end that training can have. That
end is competing: no work comes of it any more, so such a learner stays at risk, without work, for as long as the class
is followed (the subdistribution hazard of Fine and Gray 1999, in discrete time Berger et al. 2020, Biostatistics
21:449-466; news ends by the calendar alone, so nobody has to be weighted). One sum of effects then tells of both
ends, and the product over the months is the probability of not being placed, for whatever reason.

Worked example, horizon 180 days, six months, a class that ended 130 days ago, news of nine jobs in ten within 30
days: 100 days are known, so three whole months. Placed on day 40: months 0 and 1, work in the second. Placed on day
95, or not yet: months 0, 1 and 2 without work. Dropped out in the second week of training, whatever came of it: the
same three.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from support_need.hazard import months_at_risk, months_within, one_by_one
from support_need.spec import HEARD_SHARE

#: Days: no news for longer than any school has been there.
_NEVER = 100_000
MONTH, MONTHS_AT_RISK, IS_SETTLED = "month", "months_at_risk", "is_settled"


def with_clock(rows: pd.DataFrame, targets: pd.DataFrame, *, horizon_days: int) -> pd.DataFrame:
    """Give each row when its learner's months began to count, when work was found, and when both were known.

    Parameters
    ----------
    rows : pandas.DataFrame
        With ``enrolment_id`` and ``settles_at``, from when on nothing changes any more in its cohort (NaT: not yet).
    targets : pandas.DataFrame
        Rows of ``fct_enrolment_target``.
    horizon_days : int
        Work has to begin within so many days.
    """
    completes, placed = (
        targets[targets["target"] == name].set_index("enrolment_id") for name in ("completes", "placed")
    )
    is_found = placed["is_positive"].fillna(False).astype(bool)
    clock_start = pd.to_datetime(placed["clock_start_date"])
    clock = pd.DataFrame(
        {
            "clock_start": clock_start,
            "left_known_at": pd.to_datetime(completes["known_at"]).reindex(placed.index),
            "found_day": (pd.to_datetime(placed["decided_date"]) - clock_start).dt.days.where(is_found),
            "found_known_at": pd.to_datetime(placed["known_at"]).where(is_found),
        }
    )
    found = clock.reindex(rows["enrolment_id"].astype(str)).set_axis(rows.index)
    return rows.join(found).assign(horizon_days=horizon_days)


def as_known(cases: pd.DataFrame, monday: pd.Timestamp) -> pd.DataFrame:
    """Cases as they stood on a Monday: those with a known outcome, or with a month of which all is known.

    Parameters
    ----------
    cases : pandas.DataFrame
        With ``known_at``, or with what ``with_clock`` gives: then ``is_bad`` becomes whether no work was known of, in
        ``months_at_risk`` months, and ``is_settled`` tells whether those are all that there will be.
    monday : pandas.Timestamp
        Nothing that was known on it or later counts.
    """
    if "clock_start" not in cases:
        return cases[cases["known_at"] < monday]
    cases = cases[cases["left_known_at"] < monday]
    is_heard = cases["found_known_at"] < monday
    is_over = (cases["settles_at"] < monday).to_numpy()
    since = (monday - cases["clock_start"]).dt.days.to_numpy() - _lag(cases[is_heard & is_over])
    horizon_days = _horizon(cases)
    months, is_found = months_at_risk(
        np.where(is_over, horizon_days, since),
        cases["found_day"].where(is_heard).clip(lower=0).to_numpy(),
        horizon_days=horizon_days,
    )
    known = cases.assign(
        is_bad=1.0 - is_found,
        known_at=cases["found_known_at"].where(is_found, cases["left_known_at"]),
        months_at_risk=months,
        is_settled=is_over | (since >= horizon_days),
    )
    return known[months > 0]


def _horizon(cases: pd.DataFrame) -> int:
    return int(cases["horizon_days"].max()) if len(cases) else 0


def _lag(found: pd.DataFrame) -> int:
    """Days after which most work has been heard of; without any of it, nobody can tell before the horizon is over."""
    once = found.drop_duplicates("enrolment_id")
    began = once["clock_start"] + pd.to_timedelta(once["found_day"], unit="D")
    heard = (once["found_known_at"] - began).dt.days.clip(lower=0)
    return int(np.quantile(heard, HEARD_SHARE)) if len(heard) else _NEVER


def settled(cases: pd.DataFrame) -> pd.DataFrame:
    """Cases whose outcome cannot change any more."""
    return cases[cases[IS_SETTLED]] if IS_SETTLED in cases else cases


def by_month(cases: pd.DataFrame) -> pd.DataFrame:
    """One row per case and month at risk: ``month`` from 0, and ``is_bad`` when no work was found in it.

    A case without months is one row.
    """
    if MONTHS_AT_RISK not in cases:
        return cases
    count = cases[MONTHS_AT_RISK].to_numpy()
    case, month = one_by_one(count)
    rows = cases.iloc[case]
    return rows.assign(month=month, is_bad=np.where(month == count[case] - 1, rows["is_bad"], 1.0))


def months_of(rows: pd.DataFrame) -> int:
    """Months to the horizon, of rows by month; 0 of others."""
    return months_within(_horizon(rows)) if MONTH in rows else 0
