"""The record of decisions on models, append-only: who let which one rank, from when on, and why; or why not.

It alone decides which model ranks a Monday. A decision holds from the first Monday after the last one that is already
scored, so that no coach's list changes after the fact.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from passerelle.errors import ModelError
from passerelle.settings import Settings

FIRST_RUN = "first run of an empty home"
WEEK = dt.timedelta(weeks=1)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What somebody said of a proposed model.

    Attributes
    ----------
    by, reason : str
        Who decides, and why.
    sign_off : str
        Why a clear difference among protected groups is accepted; needed where the audit found one.
    at : str
        When, in UTC; empty where the run itself decided.
    via : str
        By which way: Airflow and the account there, or the command line.
    """

    by: str
    reason: str
    sign_off: str = ""
    at: str = ""
    via: str = ""

    def __post_init__(self) -> None:
        if not self.by.strip() or not self.reason.strip():
            raise ModelError(
                "a decision on a model without a name or a reason",
                allowed="both",
                fix="passerelle promote VERSION --by NAME --reason WHY; in Airflow, clear `approve` and answer again",
            )


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """One line of the record.

    Attributes
    ----------
    version : str
        Model version.
    is_approved : bool
        False: it was looked at and stays out.
    as_of : str
        First Monday that it ranks; empty where it was not approved.
    decision : dict
        The fields of ``Decision``.
    artifact, digest : str
        Its file, relative to the artifacts folder, and the SHA-256 of that file.
    """

    version: str
    is_approved: bool
    as_of: str = ""
    decision: dict[str, str] = field(default_factory=dict)
    artifact: str = ""
    digest: str = ""


class PromotionRecord:
    """The record of one school, ``mlflow/promotions.jsonl``."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.part("mlflow", "promotions.jsonl")

    def lines(self) -> list[Promotion]:
        """Every decision, oldest first."""
        if not self._path.exists():
            return []
        told = self._path.read_text(encoding="utf-8").splitlines()
        return [Promotion(**json.loads(line)) for line in told if line]

    def append(self, line: Promotion) -> None:
        """Write a decision down; the same one again, whenever, changes nothing."""
        if _timeless(line) not in map(_timeless, self.lines()):
            with self._path.open("a", encoding="utf-8") as record:
                record.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")

    def on(self, version: str) -> Promotion | None:
        """The last decision on a version."""
        return next((line for line in reversed(self.lines()) if line.version == version), None)

    def in_force(self, as_of: dt.date) -> Promotion | None:
        """The last approval among those for the latest Monday that is not after this one."""
        valid = [line for line in self.lines() if line.is_approved and line.as_of <= as_of.isoformat()]
        latest = max((line.as_of for line in valid), default=None)
        return next((line for line in reversed(valid) if line.as_of == latest), None)


def proposal(trained: Mapping[str, Any], *, in_force: str | None) -> str:
    """What somebody has to know to decide on a trained model, in Markdown: figures on later cohorts, groups, card."""
    rows = [
        f"| {target} | {trained['chosen'][target]} | {row['day']} | {row['n_test']} | "
        + " | ".join(_with_interval(row, name) for name in ("auc", "ap", "brier"))
        + " |"
        for target, candidates in trained["figures"].items()
        for row in candidates.get(trained["chosen"][target], [])
        if row["n_test"]
    ]
    head = [
        "95 % intervals from whole cohorts drawn again.\n",
        "| target | model | day | learners judged | AUC | AP | Brier |",
        "|---|---|---|---|---|---|---|",
    ]
    found = trained.get("violations", [])
    return "\n\n".join(
        (
            f"Proposed: `{trained['model_version']}`. In force: `{in_force or 'the plain rule'}`.",
            "\n".join(head + rows) if rows else "No later cohort is mature yet: nothing could be judged.",
            "Clear differences among protected groups, to be signed off: " + "; ".join(found)
            if found
            else "No clear difference among protected groups was found.",
            f"Read the model card first: `{trained['card']}`.",
        )
    )


def _with_interval(row: Mapping[str, Any], name: str) -> str:
    edges = row["intervals"].get(name)
    told = "–" if row[name] is None else f"{row[name]:.3f}"
    return f"{told} ({edges[0]:.3f} to {edges[1]:.3f})" if edges else told


def _timeless(line: Promotion) -> Promotion:
    return replace(line, decision=line.decision | {"at": ""})


def first_open_monday(settings: Settings, as_of: dt.date) -> dt.date:
    """First Monday, from ``as_of`` on, that comes after every Monday already scored."""
    from passerelle.landing import Landing

    scored = Landing(settings).scored_mondays()
    return max(as_of, scored[-1] + WEEK) if scored else as_of
