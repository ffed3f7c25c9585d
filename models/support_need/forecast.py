"""How the placement rate of each running cohort, campus and the school may end, long before it is known.

Many futures are drawn. In each, the cohort and its half-year get a shock as large as those of past cohorts, the
weights of the hazard get values within their uncertainty, every learner still there completes or not by their own
probability, and every completer finds work within the horizon or not. The rate of a future is placed completers
over completers: that of the definition in force, and work that nobody heard of is none.

Worked example: of 1,000 futures of a class of 25 the middle one places 15 of 20 completers, the lowest tenth at most
13 of 20, the highest tenth at least 17 of 20; in 310 of them 80 % or more are placed. So: expected .75, low .65,
high .85, chance that the target holds .31, heads missing 1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd

from support_need.futures import Futures
from support_need.journeys import Question, journeys
from support_need.pipeline import FittedTarget

#: An interval holds this share of the futures.
INTERVAL_SHARE = 0.80
SCHOOL = "school"
FORECAST_COLUMNS = (
    "scope_kind",
    "scope_id",
    "as_of_date",
    "definition_id",
    "model_version",
    "learners_count",
    "completers_expected_count",
    "expected_share",
    "low_share",
    "high_share",
    "chance_target_holds",
    "heads_missing",
    "listed_count",
    "listed_matter_share",
    "chance_if_listed_placed",
)


def forecast(
    rows: pd.DataFrame,
    targets: pd.DataFrame,
    *,
    completes: FittedTarget,
    question: Question,
    model_version: str,
    listed: Collection[str] = (),
    not_scored: Collection[str] = (),
) -> pd.DataFrame:
    """Forecast the final rate of whatever has not settled yet.

    Parameters
    ----------
    rows : pandas.DataFrame
        As ``pipeline.prepare`` gives them; those later than the Monday are left out.
    targets : pandas.DataFrame
        Rows of ``fct_enrolment_target``; what was known later is left out.
    completes : FittedTarget
        Gives each learner's probability of leaving without completing.
    question : Question
        The definition and the Monday.
    model_version : str
        Written beside each forecast.
    listed : collection of str
        Enrolments on this week's lists.
    not_scored : collection of str
        Enrolments that may not be scored: each counts as the average of the cohort.

    Returns
    -------
    pandas.DataFrame
        One row per running cohort, campus with one, and the school, in ``FORECAST_COLUMNS``; none where no system
        tells of placements, too few cohorts have settled, none is running, or the model gives no probability.
    """
    rows = rows[rows["as_of_date"] <= pd.Timestamp(question.as_of)]
    people = journeys(rows, targets, question=question)
    settled = people[people["is_settled"] & people["is_completed"]]
    running = people[~people["is_settled"]]
    knows_work = settled["placed_day"].notna().any() and len(settled) >= question.min_mature_enrolments
    if running.empty or not completes.stages or not knows_work:
        return pd.DataFrame(columns=list(FORECAST_COLUMNS))
    leaving = _chance_of_leaving(rows, running, completes, question, not_scored)
    drawn = Futures.of(people, rows, completes=completes, question=question)
    told = pd.Series(running.index.isin(list(listed)), index=running.index)
    scopes = _tally(drawn.of_cohorts(running, leaving, told), running)
    found = [_summary(*scope, told=told, running=running, question=question) for scope in scopes]
    answer = pd.DataFrame(found).assign(
        as_of_date=question.as_of, definition_id=question.definition_id, model_version=model_version
    )
    return answer[list(FORECAST_COLUMNS)].sort_values(["scope_kind", "scope_id"], ignore_index=True)


def _chance_of_leaving(
    rows: pd.DataFrame,
    running: pd.DataFrame,
    completes: FittedTarget,
    question: Question,
    not_scored: Collection[str],
) -> pd.Series:
    """Probability that each running enrolment leaves without completing: the model's, the class's, or nought."""
    now = rows[rows["as_of_date"] == pd.Timestamp(question.as_of)]
    found = pd.Series(completes.probability(now), index=now["enrolment_id"].astype(str))
    own = found[~found.index.isin(list(not_scored))].reindex(running.index)
    by_class = own.groupby(running["cohort_id"]).transform("mean").fillna(found.mean())
    return own.fillna(by_class).where(~running["has_left"], 0.0)


def _tally(
    cohorts: Iterator[tuple[str, np.ndarray]], running: pd.DataFrame
) -> list[tuple[str, str, np.ndarray]]:
    """Futures of each cohort, each campus and the school, as sums over cohorts."""
    campus_of = running.drop_duplicates("cohort_id").set_index("cohort_id")["campus"]
    sums: dict[tuple[str, str], np.ndarray] = {}
    for cohort, futures in cohorts:
        for scope in (("cohort", cohort), ("campus", campus_of[cohort]), (SCHOOL, SCHOOL)):
            sums[scope] = sums.get(scope, 0) + futures
    return [(*scope, futures) for scope, futures in sums.items()]


def _summary(
    kind: str,
    scope_id: str,
    futures: np.ndarray,
    *,
    told: pd.Series,
    running: pd.DataFrame,
    question: Question,
) -> dict[str, object]:
    completers, placed, completers_if, placed_if = futures
    share, share_if = _share(placed, completers), _share(placed_if, completers_if)
    edge = (1 - INTERVAL_SHARE) / 2
    low, high = np.nanquantile(share, [edge, 1 - edge])
    missing = question.target_share * completers.mean() - placed.mean()
    inside = (
        running[running[f"{kind}_id" if kind == "cohort" else kind] == scope_id]
        if kind != SCHOOL
        else running
    )
    return {
        "scope_kind": kind,
        "scope_id": scope_id,
        "learners_count": len(inside),
        "completers_expected_count": float(completers.mean()),
        "expected_share": float(np.nanmean(share)),
        "low_share": float(low),
        "high_share": float(high),
        "chance_target_holds": _chance(share, question.target_share),
        "heads_missing": max(0, int(np.ceil(missing - 1e-9))),
        "listed_count": int(told[inside.index].sum()),
        "listed_matter_share": float(np.nanmean(share_if) - np.nanmean(share)),
        "chance_if_listed_placed": _chance(share_if, question.target_share),
    }


def _share(placed: np.ndarray, completers: np.ndarray) -> np.ndarray:
    return np.divide(placed, completers, out=np.full(len(placed), np.nan), where=completers > 0)


def _chance(share: np.ndarray, target: float) -> float:
    known = share[~np.isnan(share)]
    return float(np.mean(known >= target - 1e-9))
