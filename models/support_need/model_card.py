"""The model card of one training, rendered from what that training found and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from support_need.fairness import violations
from support_need.pipeline import FittedTarget
from support_need.spec import CANDIDATES
from support_need.targets import BAD_OUTCOME
from support_need.train import Training

IN_SCOPE = (
    "Putting at most as many names on a coach's weekly list as the coach has hours for. A name on the list adds a "
    "conversation and takes nothing away."
)
OUT_OF_SCOPE = (
    "Admission, sanction, exclusion, internship matching, benefits, appraisal of coaches, or anybody outside the "
    "school. Most people on a list would have been fine."
)
LIMITS = (
    "Coaches help those who are listed, so later outcomes are not those of learners left alone.",
    "Prediction is not impact: nothing here says that a conversation helps.",
    "What is unknown counts as unknown; a learner without facts is not scored.",
)
COMPETE = (
    "A model may compete when there are learners enough for what it estimates: Riley's criterion at an expected AUC "
    "of .70 and a shrinkage of at most a tenth; a weight under a prior counts in part. The baselines always may."
)
LISTS = (
    "Per class and Monday, as many names as its coaches have hours for (capacity over caseload). A model ships only if "
    "its lists are more precise than those of both baselines, and its log loss is lower by more than a standard error."
)
MOVED = (
    "How far the logits were off in the latest two half-years whose outcomes are known, added to what ships if that "
    "would have lowered the log loss of later cohorts: kept only if the whole interval is above nought."
)
DRAWN = (
    "A band, and the share of lists that hold a learner, come from ten draws of the cohorts, each of which is trained "
    "anew, from who may compete to the level. The share is among those whom the list may name: with a reason, and not "
    "contacted in the last two weeks. It moves in steps of .1 and is off by .16 (one standard error) "
    "where it is .5; of those whom nine in ten of all draws would list, one in four counts as near the cut."
)
BENEFIT = (
    "Rightly called less wrongly called times the odds of the threshold, per learner; calling nobody is worth 0. At a "
    "threshold of .20 a useful conversation is worth four useless ones."
)
CALIBRATED = "The calibration's intercept and slope have an interval for what ships alone."
GROUPS = (
    "Values with exact intervals; difference (Newcombe's interval) and ratio (Katz's) to everybody else, of a "
    "calibration gap to what was predicted. The ratio of false_positive_rate tells how many times as often a group is "
    "named for nothing: of `placed`, among those who did find work. A clear difference has all of a joint p below .05 "
    "(Holm), an interval of the difference without nought, and ten points or more."
)
_COMPETITOR = ("candidate", "parameters", "learners_needed", "learners_found", "may_compete")
_JUDGED = ("auc", "ap", "brier", "log_loss", "ece", "calibration_intercept", "calibration_slope")
_LISTED = ("listed_share", "precision", "recall")
_MOVED = (
    "is_kept",
    "shift",
    "n_test",
    "cohorts_count",
    "log_loss_gain",
    "intercept_before",
    "intercept_after",
)
_GROUP_FIGURES = (
    "attribute",
    "group",
    "measure",
    "count",
    "value",
    "difference",
    "ratio",
    "joint_p",
    "verdict",
)


def render(training: Training, audits: Mapping[str, pd.DataFrame], *, version: str) -> str:
    """Write the card as Markdown.

    Parameters
    ----------
    training : Training
        What was trained and how it was judged.
    audits : mapping
        Target to the table of ``fairness.audit``.
    version : str
        Of the model.
    """
    parts = [
        f"# Model card: {version}",
        f"Trained on what was known before {training.choices.as_of}; code {training.code[:12]}.",
        f"**In scope.** {IN_SCOPE}",
        f"**Out of scope.** {OUT_OF_SCOPE}",
    ]
    for target in training.choices.targets:
        parts += _target(training, target, audits.get(target, pd.DataFrame()))
    parts += ["## Limits", "\n".join(f"- {limit}" for limit in LIMITS)]
    return "\n\n".join(parts) + "\n"


def _target(training: Training, target: str, audit: pd.DataFrame) -> list[str]:
    fitted, data = training.model.by_target[target], training.data[target]
    tables = training.tables.get(target, {})
    ranked = ", which ranks the list" if target == training.choices.ranked_by else ""
    shipped = f"Ships: `{fitted.candidate}`{f' ({fitted.why})' if fitted.why else ''}."
    learned = (
        f"Learned from {data.enrolments_count:,} enrolments in {data.cohorts_count} cohorts "
        f"({data.rows_count:,} rows, outcomes known until {data.mature_until or 'never'}; "
        f"{data.settled_count:,} outcomes are final, {data.bad_share:.1%} of them bad); digest {data.digest[:12]}."
    )
    found = violations(audit)
    fair = (
        "Clear differences among protected groups: " + "; ".join(found) + "."
        if found
        else "No clear difference among protected groups was found; mostly few learners cannot tell."
    )
    return [
        f"## {target}: {BAD_OUTCOME[target]}{ranked}",
        shipped,
        learned,
        "### Who may compete",
        COMPETE,
        _table(tables.get("competitors", []), _COMPETITOR),
        "### Later cohorts, with intervals from whole cohorts drawn again",
        _judged(training, target),
        *_recalibration(tables),
        *_draws(fitted),
        *_lists(tables),
        "### By group, at the coaches' capacity",
        fair,
        _groups(audit) if len(audit) else "Nobody could be judged yet.",
    ]


def _groups(audit: pd.DataFrame) -> str:
    ends = {"value": ("low", "high")} | {
        name: (f"{name}_low", f"{name}_high") for name in ("difference", "ratio")
    }
    rows = [
        {**row, **{name: _edges(row[name], [row[low], row[high]]) for name, (low, high) in ends.items()}}
        for row in audit.to_dict("records")
    ]
    return f"{GROUPS}\n\n{_table(rows, _GROUP_FIGURES)}"


def _draws(fitted: FittedTarget) -> list[str]:
    """What other draws of the cohorts ship; nothing where the target ranks nobody."""
    shipped = Counter(one.candidate for one in fitted.refits)
    told = ", ".join(f"`{name}` {shipped[name]}" for name in CANDIDATES if shipped[name])
    return ["### How sure a score is", DRAWN, f"Shipped by the draws: {told}."] if told else []


def _lists(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """What lists of the coaches' length are worth; nothing where no later cohort is mature."""
    if "at_capacity" not in tables:
        return []
    listed, curve = (_with_edges(tables[name], _LISTED[1:]) for name in ("at_capacity", "capacity_curve"))
    worth = _with_edge(tables["net_benefit"], "net_benefit")
    steady = _with_edge(tables["week_to_week"], "kept_share")
    return [
        "### Lists as long as the coaches have hours for",
        LISTS,
        _table(listed, ("candidate", "day", *_LISTED)),
        "### Fewer or more hours",
        _table(curve, ("day", "times", *_LISTED)),
        "### Net benefit of calling those above a threshold",
        BENEFIT,
        _table(worth, ("day", "threshold", "candidate", "net_benefit")),
        "### Of last week's list, on this week's too",
        _table(steady, ("day", "kept_share", "by_lot")),
        "### Each campus by a model that never saw it",
        _transport(tables["transport"]),
    ]


def _transport(rows: Sequence[Mapping[str, Any]]) -> str:
    told = [
        {
            **row,
            "auc_elsewhere": _edges(row["auc_elsewhere"], row["interval"]),
            "auc": _edges(row["auc"], row["auc_interval"]),
            "difference": _edges(row["difference"], row["difference_interval"]),
        }
        for row in rows
    ]
    columns = ("campus", "day", "n_test", "auc_elsewhere", "auc", "difference")
    return _table(told, columns) if told else "One campus alone cannot tell."


def _with_edges(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    return [{**row, **{name: _between(row, name) for name in names}} for row in rows]


def _with_edge(rows: Sequence[Mapping[str, Any]], name: str) -> list[dict[str, Any]]:
    return [{**row, name: _edges(row[name], row["interval"])} for row in rows]


def _between(row: Mapping[str, Any], name: str) -> str:
    return _edges(row[name], row["intervals"].get(name))


def _edges(value: float | None, edges: Sequence[float] | None) -> str:
    if value is None or edges is None or pd.isna([value, *edges]).any():
        return _cell(value)
    return f"{value:.3f} ({edges[0]:.3f} to {edges[1]:.3f})"


def _judged(training: Training, target: str) -> str:
    rows = [
        {"candidate": name, **row}
        for name, days in training.figures[target].items()
        for row in days
        if row["n_test"]
    ]
    if not rows:
        return "No later cohort is mature yet."
    columns = ("candidate", "day", "n_test", "base_rate", *_JUDGED)
    return f"{CALIBRATED}\n\n{_table(_with_edges(rows, _JUDGED), columns)}"


def _recalibration(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Whether the level of what ships is moved; nothing where no model was judged."""
    rows = [
        {**row, "log_loss_gain": _edges(row["log_loss_gain"], row["interval"])}
        for row in tables.get("recalibration", ())
    ]
    return ["### The level, moved by the latest half-years", MOVED, _table(rows, _MOVED)] if rows else []


def _table(rows: Sequence[Mapping[Any, Any]], columns: tuple[str, ...]) -> str:
    head = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    return "\n".join(head + [f"| {' | '.join(_cell(row[name]) for name in columns)} |" for row in rows])


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
