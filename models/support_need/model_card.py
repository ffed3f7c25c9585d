"""The model card of one training, rendered from what that training found and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from support_need.fairness import violations
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
_FIGURES = ("n_test", "base_rate", "auc", "ap", "brier", "log_loss", "ece")
_GROUP_FIGURES = ("attribute", "group", "measure", "count", "value", "low", "high", "ratio", "verdict")


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
    ranked = ", which ranks the list" if target == training.choices.ranked_by else ""
    shipped = f"Ships: `{fitted.candidate}`{f' ({fitted.why})' if fitted.why else ''}."
    learned = (
        f"Learned from {data.enrolments_count:,} enrolments in {data.cohorts_count} mature cohorts "
        f"({data.rows_count:,} rows, outcomes known until {data.mature_until or 'never'}, bad outcome in "
        f"{data.bad_share:.1%}); digest {data.digest[:12]}."
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
        "### Later cohorts",
        _judged(training, target),
        "### By group, at the coaches' capacity",
        fair,
        _table(audit.to_dict("records"), _GROUP_FIGURES) if len(audit) else "Nobody could be judged yet.",
    ]


def _judged(training: Training, target: str) -> str:
    rows = [
        {"candidate": name, **row}
        for name, days in training.figures[target].items()
        for row in days
        if row["n_test"]
    ]
    return _table(rows, ("candidate", "day", *_FIGURES)) if rows else "No later cohort is mature yet."


def _table(rows: Sequence[Mapping[Any, Any]], columns: tuple[str, ...]) -> str:
    head = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    return "\n".join(head + [f"| {' | '.join(_cell(row[name]) for name in columns)} |" for row in rows])


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
