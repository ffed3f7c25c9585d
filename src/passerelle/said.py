"""The files that our own steps land, each once: what the model says, what its watch found, what coaches were shown."""

from __future__ import annotations

import pyarrow as pa

SCORES = pa.schema(
    {
        "enrolment_id": pa.string(),
        "as_of_date": pa.date32(),
        "target": pa.string(),
        "model_version": pa.string(),
        "score_probability": pa.float64(),
        "probability_low": pa.float64(),
        "probability_high": pa.float64(),
        "listed_share": pa.float64(),
        "basis": pa.string(),
        "reason_1_code": pa.string(),
        "reason_2_code": pa.string(),
        "reason_3_code": pa.string(),
        "strength_1_code": pa.string(),
        "not_scored_reason": pa.string(),
    }
)
FORECASTS = pa.schema(
    {
        "scope_kind": pa.string(),
        "scope_id": pa.string(),
        "as_of_date": pa.date32(),
        "definition_id": pa.string(),
        "model_version": pa.string(),
        "learners_count": pa.int32(),
        "completers_expected_count": pa.float64(),
        "expected_share": pa.float64(),
        "low_share": pa.float64(),
        "high_share": pa.float64(),
        "chance_target_holds": pa.float64(),
        "heads_missing": pa.int32(),
        "listed_count": pa.int32(),
        "listed_matter_share": pa.float64(),
        "chance_if_listed_placed": pa.float64(),
    }
)
LISTS = pa.schema(
    {
        "enrolment_id": pa.string(),
        "as_of_date": pa.date32(),
        "list_owner_id": pa.string(),
        "list_change": pa.string(),
        "weeks_on_list": pa.int32(),
        "support_need_probability": pa.float64(),
        "is_also_check_in": pa.bool_(),
    }
)
CHECKS = pa.schema(
    {
        "check": pa.string(),
        "subject": pa.string(),
        "as_of_date": pa.date32(),
        "model_version": pa.string(),
        "learners_count": pa.int32(),
        "value": pa.float64(),
        "low": pa.float64(),
        "high": pa.float64(),
        "is_alarm": pa.bool_(),
        "detects_after_count": pa.float64(),
    }
)
DRAWS = pa.schema(
    {
        "enrolment_id": pa.string(),
        "as_of_date": pa.date32(),
        "list_owner_id": pa.string(),
        "lottery_seed": pa.string(),
        "listed_probability": pa.float64(),
        "is_listed": pa.bool_(),
    }
)
#: Schema, and key of the rows, by folder under ``landing/outlook``.
SAID = {
    "scores": (SCORES, ("enrolment_id", "target")),
    "forecasts": (FORECASTS, ("scope_kind", "scope_id")),
    "checks": (CHECKS, ("check", "subject")),
    "lists": (LISTS, ("enrolment_id",)),
    "draws": (DRAWS, ("enrolment_id",)),
}
