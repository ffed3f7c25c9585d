"""What the support model may be: its stages, its candidates, its inputs and what it refuses."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

PLAIN_RULE, ENVIRONMENT, SMALL, LOGISTIC, BOOSTING = (
    "plain_rule",
    "environment_rate",
    "small_logistic",
    "logistic",
    "additive_boosting",
)
#: From the simplest to the most complex: at equal merit the earlier one ships.
CANDIDATES = (PLAIN_RULE, ENVIRONMENT, SMALL, LOGISTIC, BOOSTING)
#: What every model has to beat on later cohorts before it may rank people.
BASELINES = (PLAIN_RULE, ENVIRONMENT)

#: First week of training of each stage; each has its own weights, because the same fact means less early on.
STAGE_STARTS = (1, 4, 6, 11, 17, 25, 35)
#: Standard deviation of the normal prior on the weight of a feature of spread one: fixed, never tuned.
PRIOR_SCALE = 0.2
#: What the small model looks at, fixed before any data were seen; few weights need less holding back.
SMALL_FEATURES = ("absence_recent", "absence_trend", "work_missing", "score_level", "activity_last_week")
SMALL_PRIOR_SCALE = 0.5
#: Spread, on the logit scale, that cohorts are thought to have before any is seen; it counts as one cohort.
SHOCK_SCALE = 0.2
#: A group's own rate counts as much as that of its parent once it has this many learners.
POOLING_ENROLMENTS = 50
#: A cohort is mature once this share of its outcomes is known; waiting for the last one would wait for ever.
MATURE_SHARE = 0.95

#: We know of work that began longer ago than it takes to hear of this share of it.
HEARD_SHARE = 0.90

#: A training judges its candidates on at most this many half-years of cohorts, the latest ones.
JUDGED_HALF_YEARS = 6

#: Gender, age, origin, language, health and social position are never inputs.
PROTECTED = frozenset(
    {
        "gender",
        "birth_year",
        "birth_date",
        "age",
        "age_band",
        "nationality_group",
        "home_language",
        "preferred_language",
        "has_migration_background",
        "has_disability",
        "unemployment_months",
        "region",
        "municipality",
        "imd_band",
    }
)


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a school chose, and the Monday on which it is true.

    Attributes
    ----------
    as_of : datetime.date
        Monday of the training: labels known later do not exist.
    targets : tuple of str
        Of ``targets.BAD_OUTCOME``.
    ranked_by : str
        Target whose score orders the list.
    days : tuple of int
        Days of training on which candidates are judged.
    min_mature_enrolments : int
        Fewer enrolments in mature cohorts than this: the plain rule ranks.
    capacity : int
        Names a coach has hours for each week.
    horizon_days : int, optional
        Work has to begin within so many days; without it the target ``placed`` waits for its last answer.
    """

    as_of: dt.date
    targets: tuple[str, ...]
    ranked_by: str
    days: tuple[int, ...]
    min_mature_enrolments: int
    capacity: int
    horizon_days: int | None = None

    def as_dict(self) -> dict[str, object]:
        """Plain values, fit for JSON."""
        return asdict(self) | {"as_of": self.as_of.isoformat()}


def refuse_protected(columns: Iterable[str]) -> None:
    """Stop when a protected attribute is about to become an input.

    Raises
    ------
    ValueError
        Names the protected columns found.
    """
    found = sorted(PROTECTED.intersection(columns))
    if found:
        raise ValueError(
            f"protected attributes offered to the model: {', '.join(found)}; "
            "allowed: the columns of fct_enrolment_week; fix: leave them in dim_learner_protected"
        )


def code_fingerprint() -> str:
    """Digest this package's source and the version of the library that fits: a change makes another model."""
    digest = hashlib.sha256(version("scikit-learn").encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
