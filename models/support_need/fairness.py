"""Whom the list misses and whom it names for nothing, by group: an audit, and never an input.

Judged on later cohorts, once per learner, on lists as long as the coaches have hours for (``capacity.places``). A
measure of a group is compared with that of everybody else. Few learners make wide intervals, so "cannot tell" is the
usual verdict and the right one; a clear difference needs both: that all groups of the attribute are unlikely to be
equal (one joint test per attribute and measure, Holm's correction over all of them), and a difference to the rest of at
least ``MARGIN``.

Worked example: of 40 women who found work 14 were listed (.35), of 60 men 9 (.15): wrongly flagged 2.3 times as
often, 95 % interval 1.1 to 4.9; the difference of .20 has the interval .03 to .37. Alone on one attribute with
p = .02 and a margin of .10: a violation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency, norm

from support_need.capacity import PLACES, lots, place_on_list
from support_need.intervals import exact_interval, newcombe_interval, ratio_interval

#: Groups that the law protects: a clear difference among them is a violation, and blocks a promotion.
PROTECTED_GROUPS = ("gender", "age_band", "has_migration_background")
#: Groups that are shown beside them: level of education is an input, campuses differ in what they offer.
SHOWN_GROUPS = ("education_isced", "campus")
#: A difference of fewer points than this is no clear one.
MARGIN = 0.10
#: Smaller groups are counted and not judged.
FEWEST = 20
VIOLATION, DIFFERS, EQUAL, CANNOT_TELL, NOT_JUDGED = (
    "violation",
    "differs",
    "equal within the margin",
    "cannot tell",
    "not judged",
)
_LEVEL = 0.05
AUDIT_COLUMNS = (
    "attribute",
    "group",
    "measure",
    "count",
    "value",
    "low",
    "high",
    "rest_value",
    "difference",
    "difference_low",
    "difference_high",
    "ratio",
    "ratio_low",
    "ratio_high",
    "joint_p",
    "verdict",
)


@dataclass(frozen=True)
class _Measure:
    """A share among the learners whom it is about."""

    name: str
    about: np.ndarray
    hit: np.ndarray
    is_judged: bool = True


def audit(judged: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Audit later cohorts' lists by group.

    Parameters
    ----------
    judged : pandas.DataFrame
        One row per enrolment_id and day: ``cohort_id``, ``day``, ``is_bad``, ``probability`` and ``places``, the share
        of a place on a list that each learner brings (``capacity.places``); a learner counts on the first day judged.
    groups : pandas.DataFrame
        Index enrolment_id, one column per attribute; what is unknown is a group of its own.

    Returns
    -------
    pandas.DataFrame
        One row per attribute, group and measure, in ``AUDIT_COLUMNS``. ``flagged_share`` is shown and not judged;
        ``false_negative_rate`` is among those with the bad outcome, ``false_positive_rate`` (wrongly flagged) among
        those without, with its ratio to that of the rest; ``calibration_gap`` is the observed less the predicted rate.
    """
    if judged.empty:
        return pd.DataFrame(columns=list(AUDIT_COLUMNS))
    people = _listed(judged).sort_values("day", kind="stable").drop_duplicates("enrolment_id")
    found = [
        row
        for attribute in groups.columns[groups.notna().any()]
        for row in _attribute(
            people, groups[attribute].reindex(people["enrolment_id"].astype(str)), str(attribute)
        )
    ]
    if not found:
        return pd.DataFrame(columns=list(AUDIT_COLUMNS))
    table = pd.DataFrame(found)
    corrected = _holm(
        table.drop_duplicates(["attribute", "measure"]).set_index(["attribute", "measure"])["joint_p"]
    )
    keys = pd.MultiIndex.from_frame(table[["attribute", "measure"]])
    table = table.assign(joint_p=corrected.reindex(keys).to_numpy())
    return table.assign(verdict=[_verdict(row) for row in table.to_dict("records")])[list(AUDIT_COLUMNS)]


def violations(table: pd.DataFrame) -> list[str]:
    """Clear differences among protected groups, each as a sentence."""
    rows = table[table["verdict"] == VIOLATION] if len(table) else table
    return [
        f"{row['measure']} of {row['attribute']} {row['group']}: {row['value']:.2f}, rest {row['rest_value']:.2f}"
        for row in rows.to_dict("records")
    ]


def _listed(judged: pd.DataFrame) -> pd.DataFrame:
    lists = judged.groupby(["cohort_id", "day"], observed=True)
    place = place_on_list(
        judged["probability"].to_numpy(dtype=float),
        of_list=lists.ngroup().to_numpy(),
        lot=lots(judged["enrolment_id"]),
    )
    return judged.assign(is_listed=place <= np.maximum(1.0, np.round(lists[PLACES].transform("sum"))))


def _attribute(people: pd.DataFrame, group: pd.Series, attribute: str) -> Iterator[dict[str, object]]:
    named = group.astype("object").where(group.notna(), "unknown").astype(str).to_numpy()
    bad, listed = people["is_bad"].to_numpy(dtype=bool), people["is_listed"].to_numpy(dtype=bool)
    said = people["probability"].to_numpy(dtype=float)
    everybody = np.ones(len(people), dtype=bool)
    measures = (
        _Measure("flagged_share", everybody, listed, is_judged=False),
        _Measure("false_negative_rate", bad, ~listed),
        _Measure("false_positive_rate", ~bad, listed),
    )
    for measure in measures:
        joint_p = _joint(named[measure.about], measure.hit[measure.about]) if measure.is_judged else np.nan
        for name in np.unique(named):
            yield _compared(measure, named == name) | {
                "attribute": attribute,
                "group": name,
                "joint_p": joint_p,
            }
    gaps = {name: _gap(bad[named == name], said[named == name]) for name in np.unique(named)}
    smallest = min(gap.pop("p") * len(gaps) for gap in gaps.values())
    for name, gap in gaps.items():
        yield gap | {"attribute": attribute, "group": name, "joint_p": min(1.0, smallest)}


def _compared(measure: _Measure, inside: np.ndarray) -> dict[str, object]:
    mine, rest = measure.about & inside, measure.about & ~inside
    hits, other, count, others = measure.hit[mine].sum(), measure.hit[rest].sum(), mine.sum(), rest.sum()
    low, high = exact_interval(hits, count)
    difference = newcombe_interval(hits, count, other, others)
    ratio = ratio_interval(hits, count, other, others)
    value, rest_value = (
        part / whole if whole else np.nan for part, whole in ((hits, count), (other, others))
    )
    return {
        "measure": measure.name,
        "count": int(count),
        "value": value,
        "low": low,
        "high": high,
        "rest_value": rest_value,
        "difference": value - rest_value,
        "difference_low": difference[0],
        "difference_high": difference[1],
        "ratio": value / rest_value if other else np.nan,
        "ratio_low": ratio[0],
        "ratio_high": ratio[1],
    }


def _gap(bad: np.ndarray, said: np.ndarray) -> dict[str, Any]:
    """Observed less predicted rate of one group: its rest is the prediction."""
    low, high = exact_interval(bad.sum(), len(bad))
    value = bad.mean() - said.mean()
    spread = np.sqrt(np.sum(said * (1 - said)))
    return {
        "measure": "calibration_gap",
        "count": len(bad),
        "value": value,
        "low": low - said.mean(),
        "high": high - said.mean(),
        "rest_value": 0.0,
        "difference": value,
        "difference_low": low - said.mean(),
        "difference_high": high - said.mean(),
        "ratio": np.nan,
        "ratio_low": np.nan,
        "ratio_high": np.nan,
        "p": float(2 * norm.sf(abs(bad.sum() - said.sum()) / spread)) if spread else 1.0,
    }


def _joint(group: np.ndarray, hit: np.ndarray) -> float:
    """Probability of differences as large as these if all groups of ``FEWEST`` or more were equal (chi-squared)."""
    table = pd.crosstab(group, hit).to_numpy()
    table = table[table.sum(axis=1) >= FEWEST]
    if table.shape[0] < 2 or table.shape[1] < 2 or (table.sum(axis=0) == 0).any():
        return float("nan")
    return float(chi2_contingency(table, correction=False).pvalue)


def _holm(p: pd.Series) -> pd.Series:
    known = p.dropna().sort_values()
    steps = known.to_numpy() * np.arange(len(known), 0, -1)
    return pd.Series(np.minimum(np.maximum.accumulate(steps), 1.0), index=known.index).reindex(p.index)


def _verdict(row: Mapping[Any, Any]) -> str:
    if row["measure"] == "flagged_share":
        return NOT_JUDGED
    if row["count"] < FEWEST or np.isnan(row["difference"]):
        return CANNOT_TELL
    apart = row["difference_low"] > 0 or row["difference_high"] < 0
    if row["joint_p"] < _LEVEL and apart and abs(row["difference"]) >= MARGIN:
        return VIOLATION if row["attribute"] in PROTECTED_GROUPS else DIFFERS
    if row["difference_low"] > -MARGIN and row["difference_high"] < MARGIN:
        return EQUAL
    return CANNOT_TELL
