"""Time and memory of a training, next to an untuned scikit-learn fit on the same ready matrix.

The floor loads the ready matrix and fits once. ``fit`` loads the same prepared cases and fits the shipped candidate
on every stage; ``train`` does all that a training does: features, the rolling judgement of every candidate, the fit.

Run ``python benchmarks/bench_train.py``, or with sizes (``bench_train.py 1600 32000``); it makes its own panels in a
temporary folder. A million learners have three Mondays each, those that two days of judging and a third stage need:
forty would be a panel of forty million rows, more than a training keeps in 6 GB.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from measure import measure_part, sizes_asked

SIZES = (1_600, 32_000, 1_000_000)
WEEKS = 40
#: Mondays of each learner, where not all of forty.
FEWER_MONDAYS = {1_000_000: (4, 8, 12)}
COHORT_SIZE = 25
AS_OF = dt.date(2026, 11, 23)
#: What a training reads, and what is the same in every row here.
ALIKE = {
    "is_active": True,
    "has_attendance": True,
    "has_activity": True,
    "has_assessments": True,
    "credits_studied": 60,
    "other_completed_count": 0,
    "other_failed_count": 0,
    "other_running_count": 0,
}


def mondays_of(enrolments: int) -> tuple[int, ...]:
    """Weeks of training in which a learner of a panel of that size is seen."""
    return FEWER_MONDAYS.get(enrolments, tuple(range(1, WEEKS + 1)))


def make_panel(
    enrolments: int, *, mondays: tuple[int, ...], seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Panel and targets of eight years of cohorts, one row per enrolment and Monday."""
    random = np.random.default_rng(seed)
    one = np.repeat(np.arange(enrolments), len(mondays))
    week = np.tile(np.array(mondays), enrolments)
    cohort = one // COHORT_SIZE
    start = pd.Timestamp("2018-01-01") + pd.to_timedelta(7 * (cohort * 380 // (cohort.max() + 1)), unit="D")
    habit = random.normal(size=enrolments)
    share = (1 / (1 + np.exp(-(2 + habit))))[one]
    planned_4w, due = 10 * np.minimum(week, 4), week // 2
    attended_4w, handed_in = random.binomial(planned_4w, share), random.binomial(due, share)
    attended_before = random.binomial(10 * week - planned_4w, share)
    names = np.char.add("enr_", np.arange(enrolments).astype(str))
    panel = pd.DataFrame(
        {
            "enrolment_id": names[one],
            "as_of_date": start + pd.to_timedelta(7 * week, unit="D"),
            "cohort_id": np.char.add("coh_", cohort.astype(str)),
            "campus": np.char.add("campus_", (cohort % 6).astype(str)),
            "training_id": np.char.add("training_", (cohort % 10).astype(str)),
            "learner_id": names[one],
            "week_of_training": week,
            "enrolled_lead_days": random.integers(5, 90, enrolments)[one],
            "prior_attempts_count": random.integers(0, 2, enrolments)[one],
            "education_isced": random.integers(0, 6, enrolments)[one],
            "other_dropped_out_count": (one % 10 == 0).astype(int),
            "other_scored_count": (one % 10 == 0).astype(int),
            "other_score_pct_sum": np.where(one % 10 == 0, 60.0, 0.0),
            "planned_half_days_count": 10 * week,
            "attended_half_days_count": attended_before + attended_4w,
            "unexcused_count": random.binomial(10 * week, (1 - share) / 2),
            "planned_half_days_count_4w": planned_4w,
            "attended_half_days_count_4w": attended_4w,
            "late_count_4w": random.binomial(attended_4w, 0.1),
            "active_days_count_1w": random.binomial(7, share),
            "active_days_count_4w": random.binomial(7 * np.minimum(week, 4), share),
            "pre_start_active_days_count": random.poisson(2, enrolments)[one],
            "due_count": due,
            "handed_in_count": handed_in,
            "handed_in_of_due_count": handed_in,
            "late_hand_in_count": random.binomial(handed_in, 0.2),
            "lead_days_beside_peers_sum": handed_in * random.integers(-3, 4, len(one)),
            "scored_count": handed_in,
            "score_pct_sum": handed_in * np.clip(65 + 12 * habit, 0, 100)[one],
            "scored_weeks_sum": handed_in * week,
            "score_pct_weeks_beside_peers_sum": handed_in * week * (12 * habit)[one],
        }
    ).assign(**ALIKE)
    known_at = start[:: len(mondays)] + pd.Timedelta(weeks=WEEKS)
    is_positive = random.random(enrolments) < 1 / (1 + np.exp(-(1.5 + habit)))
    targets = pd.DataFrame({"enrolment_id": names, "is_positive": is_positive, "known_at": known_at})
    return panel, targets.assign(target="completes", decided_date=known_at, is_mature=True)


def make(folder: Path, enrolments: int) -> None:
    """Write the panel, the prepared cases and the ready matrix."""
    from support_need.evaluate import labelled_cases
    from support_need.features import FEATURE_NAMES
    from support_need.pipeline import prepare

    panel, targets = make_panel(enrolments, mondays=mondays_of(enrolments))
    cases, _ = labelled_cases(prepare(panel), targets, target="completes")
    panel.to_parquet(folder / "panel.parquet")
    targets.to_parquet(folder / "targets.parquet")
    cases.to_parquet(folder / "cases.parquet")
    np.save(folder / "matrix.npy", np.nan_to_num(cases[list(FEATURE_NAMES)].to_numpy()))
    np.save(folder / "is_bad.npy", cases["is_bad"].to_numpy())


def floor(folder: Path) -> None:
    """Fit an untuned logistic regression on the ready matrix."""
    from sklearn.linear_model import LogisticRegression

    LogisticRegression().fit(np.load(folder / "matrix.npy"), np.load(folder / "is_bad.npy"))


def fit(folder: Path) -> None:
    """Fit the logistic candidate on every stage of the prepared cases."""
    from support_need.pipeline import fit as fit_stages
    from support_need.spec import LOGISTIC

    fit_stages(LOGISTIC, pd.read_parquet(folder / "cases.parquet"))


def train(folder: Path) -> None:
    """Train as the school does every week."""
    from support_need.spec import Choices
    from support_need.train import train as train_all

    choices = Choices(
        as_of=AS_OF,
        targets=("completes",),
        ranked_by="completes",
        days=(28, 56),
        min_mature_enrolments=150,
        capacity=6,
    )
    train_all(
        pd.read_parquet(folder / "panel.parquet"),
        pd.read_parquet(folder / "targets.parquet"),
        choices=choices,
    )


def main() -> None:
    """Measure each part in a process of its own, and print one row per part."""
    for enrolments in sizes_asked(__doc__, SIZES):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            measure_part(__file__, "make", folder, str(enrolments))
            print(f"{enrolments:,} enrolments, {enrolments * len(mondays_of(enrolments)):,} rows")
            reference = measure_part(__file__, "floor", folder)
            print(reference.line("  floor: scikit-learn on the ready matrix"))
            for part, what in (("fit", "fit every stage"), ("train", "train: features, judge, fit")):
                print(measure_part(__file__, part, folder).line(f"  {what}", floor=reference))


if __name__ == "__main__":
    parts = {"make": make, "floor": floor, "fit": fit, "train": train}
    if sys.argv[1:] and sys.argv[1] in parts:
        parts[sys.argv[1]](Path(sys.argv[2]), *map(int, sys.argv[3:]))
    else:
        main()
