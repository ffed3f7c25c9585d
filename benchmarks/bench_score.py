"""Time and memory of scoring one Monday, next to scikit-learn's predict_proba on the same ready matrix.

Scoring includes the features of the Monday, the model of every stage, three reasons and a strength per learner, and the
bands and shares of lists by the models of ten draws: copies of the one here, which take as long as ten different ones.

Run ``python benchmarks/bench_score.py``, or with sizes; it makes its own panels in a temporary folder.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from bench_train import COHORT_SIZE, SIZES, make_panel, mondays_of
from measure import measure_part, sizes_asked

MODEL_ENROLMENTS = 1_600
WEEK = 12
CASELOAD, CAPACITY = 13, 6


def make(folder: Path, enrolments: int) -> None:
    """Write one Monday's rows, the ready matrix and the two models."""
    from sklearn.linear_model import LogisticRegression

    from support_need.evaluate import labelled_cases
    from support_need.features import FEATURE_NAMES
    from support_need.pipeline import FittedModel, fit, prepare
    from support_need.spec import LOGISTIC
    from support_need.uncertainty import RESAMPLES

    panel, targets = make_panel(MODEL_ENROLMENTS, mondays=mondays_of(MODEL_ENROLMENTS))
    cases, _ = labelled_cases(prepare(panel), targets, target="completes")
    fitted = fit(LOGISTIC, cases)
    fitted = replace(fitted, refits=(fitted,) * RESAMPLES)
    model = FittedModel(by_target={"completes": fitted}, ranked_by="completes")
    (folder / "model.json").write_text(json.dumps(model.as_dict()))
    rough = LogisticRegression().fit(np.nan_to_num(cases[list(FEATURE_NAMES)].to_numpy()), cases["is_bad"])
    np.savez(folder / "rough.npz", coef=rough.coef_, intercept=rough.intercept_, classes=rough.classes_)
    monday, _ = make_panel(enrolments, mondays=(WEEK,))
    monday.to_parquet(folder / "monday.parquet")
    np.save(folder / "matrix.npy", np.nan_to_num(prepare(monday)[list(FEATURE_NAMES)].to_numpy()))


def floor(folder: Path) -> None:
    """Predict from the ready matrix."""
    from sklearn.linear_model import LogisticRegression

    rough, numbers = LogisticRegression(), np.load(folder / "rough.npz")
    rough.coef_, rough.intercept_, rough.classes_ = (
        numbers[name] for name in ("coef", "intercept", "classes")
    )
    rough.predict_proba(np.load(folder / "matrix.npy"))


def score(folder: Path) -> None:
    """Score the Monday, with reasons, bands and shares of lists."""
    from support_need.pipeline import FittedModel
    from support_need.score import score as score_learners

    model = FittedModel.from_dict(json.loads((folder / "model.json").read_text()))
    monday = pd.read_parquet(folder / "monday.parquet")
    coaches = pd.Series(np.arange(len(monday)) // CASELOAD, index=monday["enrolment_id"]).astype(str)
    score_learners(model, monday, model_version="benchmark", owner=coaches, capacity=CAPACITY)


def main() -> None:
    """Measure each part in a process of its own, and print one row per part."""
    for enrolments in sizes_asked(__doc__, SIZES):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            measure_part(__file__, "make", folder, str(enrolments))
            print(f"{enrolments:,} enrolments on one Monday, in cohorts of {COHORT_SIZE}")
            reference = measure_part(__file__, "floor", folder)
            print(reference.line("  floor: predict_proba on the ready matrix"))
            print(
                measure_part(__file__, "score", folder).line(
                    "  score: features, model, reasons, bands and shares of lists", floor=reference
                )
            )


if __name__ == "__main__":
    parts = {"make": make, "floor": floor, "score": score}
    if sys.argv[1:] and sys.argv[1] in parts:
        parts[sys.argv[1]](Path(sys.argv[2]), *map(int, sys.argv[3:]))
    else:
        main()
