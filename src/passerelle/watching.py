"""The weekly watch over the model in force: its inputs, its flags, and what came of what it said."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from passerelle.landing import Landing
from passerelle.model_inputs import in_force_on, model_frames
from passerelle.promotions import PromotionRecord
from passerelle.school import load_school
from passerelle.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

_WORDS = {
    "outside": "{subject}: {value:.0f} values outside the range of the past, {high:.0f} allowed",
    "missing": "{subject}: {value:.0%} missing, at most {high:.0%} on any past Monday",
    "flagged": "{value:.0%} of the learners score high, {low:.0%} to {high:.0%} expected",
    "outcomes": "{subject} bad outcomes than was said: the sum of surprises reached its limit of {high:.1f}",
}


def watch(settings: Settings, as_of: dt.date) -> dict[str, Any]:
    """Check the model that ranks a Monday, and land what was found as one immutable file.

    Returns
    -------
    dict
        ``checks`` and ``matured`` (counts), ``alarms`` (sentences), ``detects_after_count`` (outcomes until a shift of
        ten points shows, None while too few have matured to say) and the ``file``.
    """
    import numpy as np
    import pandas as pd

    from support_need.pipeline import prepare
    from support_need.watch import flag_check, input_checks, outcome_check

    version, model = in_force_on(settings, as_of)
    panel, targets = model_frames(settings, as_of)
    rows, fitted = prepare(panel), model.by_target[model.ranked_by]
    promoted = PromotionRecord(settings).in_force(as_of)
    learned_until = pd.Timestamp(promoted.as_of if promoted else as_of)
    now, past = rows[rows["as_of_date"] == pd.Timestamp(as_of)], rows[rows["as_of_date"] < learned_until]
    matured = _matured(settings, as_of, rows, targets)
    parts = [input_checks(fitted, now, past), flag_check(fitted, now, past), outcome_check(matured)]
    found = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    path = Landing(settings).land_said(
        "checks",
        found.assign(as_of_date=as_of, model_version=version),
        as_of=as_of,
        model_version=version,
    )
    slowest = parts[2]["detects_after_count"].max() if len(parts[2]) else np.inf
    loud = found[found["is_alarm"]].to_dict("records")
    return {
        "checks": len(found),
        "alarms": [_WORDS[row["check"]].format_map({str(name): row[name] for name in row}) for row in loud],
        "matured": len(matured),
        "detects_after_count": int(slowest) if np.isfinite(slowest) else None,
        "file": str(path),
    }


def _matured(settings: Settings, as_of: dt.date, rows: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Outcomes known that Monday beside the first score said from the fourth week on, in the order of maturing."""
    import pandas as pd

    from support_need.futures import SHOCK_WEEK
    from support_need.targets import known_labels

    target = load_school(settings.school).model.ranked_by
    labels = known_labels(targets, target).sort_values("known_at", kind="stable")
    said = _said(settings, as_of, target)
    if said.empty or labels.empty:
        return pd.DataFrame(columns=["cohort_id", "is_bad", "probability"])
    seen = rows.loc[
        rows["week_of_training"] >= SHOCK_WEEK, ["enrolment_id", "as_of_date", "cohort_id"]
    ].astype({"enrolment_id": str})
    first = said.merge(seen, on=["enrolment_id", "as_of_date"]).sort_values("as_of_date", kind="stable")
    first = first.drop_duplicates("enrolment_id").set_index("enrolment_id")
    return labels.join(first, how="inner").reset_index(drop=True)


def _said(settings: Settings, as_of: dt.date, target: str) -> pd.DataFrame:
    """Probabilities that the model in force said on earlier Mondays; the rule that waits for one says none."""
    import pandas as pd

    landing, record = Landing(settings), PromotionRecord(settings)
    files = [
        landing.said_file("scores", as_of=monday, model_version=promoted.version)
        for monday in landing.scored_mondays()
        if monday < as_of and (promoted := record.in_force(monday))
    ]
    columns = ["enrolment_id", "as_of_date", "target", "score_probability"]
    parts = [pd.read_parquet(path, columns=columns) for path in files if path.is_file()]
    said = pd.concat(parts) if parts else pd.DataFrame(columns=columns)
    said = said[(said["target"] == target) & said["score_probability"].notna()]
    return said.assign(as_of_date=pd.to_datetime(said["as_of_date"])).rename(
        columns={"score_probability": "probability"}
    )
