"""A hand-made school for the model: cohorts every half-year, learners whose habits show in their counts."""

from __future__ import annotations

import numpy as np
import pandas as pd

School = tuple[pd.DataFrame, pd.DataFrame]
WEEKS = 10


def make_school(
    *, cohorts: int = 8, learners: int = 40, signal: float = 1.5, drift: float = 0.0, seed: int = 7
) -> School:
    """Panel and targets: with ``signal`` 0 no count says anything about the outcome.

    With a ``drift`` each half-year ends worse than the one before, by so much on the logit.
    """
    random = np.random.default_rng(seed)
    panels, targets = [], []
    for number in range(cohorts):
        start = pd.Timestamp("2018-01-01") + pd.Timedelta(weeks=26 * number)
        habit = random.normal(size=learners)
        completes = random.random(learners) < 1 / (1 + np.exp(-(0.7 + signal * habit - drift * number)))
        names = [f"enr_{number:02d}_{one:03d}" for one in range(learners)]
        panels += [
            _week(names, start, week, number=number, habit=habit, random=random)
            for week in range(1, WEEKS + 1)
        ]
        known_at = start + pd.Timedelta(weeks=20)
        targets.append(
            pd.DataFrame(
                {
                    "enrolment_id": names,
                    "target": "completes",
                    "is_positive": completes,
                    "decided_date": known_at,
                    "known_at": known_at,
                    "is_mature": True,
                }
            )
        )
    return pd.concat(panels, ignore_index=True), pd.concat(targets, ignore_index=True)


def _week(
    names: list[str],
    start: pd.Timestamp,
    week: int,
    *,
    number: int,
    habit: np.ndarray,
    random: np.random.Generator,
) -> pd.DataFrame:
    size = len(names)
    share = 1 / (1 + np.exp(-(2 + habit)))
    planned, planned_4w, due = 10 * week, 10 * min(week, 4), week // 2
    attended = random.binomial(planned, share)
    attended_4w = np.minimum(random.binomial(planned_4w, share), attended)
    handed_in = random.binomial(due, share)
    mark = np.clip(65 + 12 * habit + random.normal(0, 8, size), 0, 100)
    counts = {
        "enrolled_lead_days": random.integers(5, 90, size),
        "prior_attempts_count": random.integers(0, 2, size),
        "credits_studied": None,
        "education_isced": np.arange(size) % 6,
        "other_completed_count": 0,
        "other_failed_count": 0,
        "other_dropped_out_count": (np.arange(size) % 10 == 0).astype(int),
        "other_running_count": 0,
        "other_scored_count": (np.arange(size) % 10 == 0).astype(int),
        "other_score_pct_sum": np.where(np.arange(size) % 10 == 0, 60.0, 0.0),
        "planned_half_days_count": planned,
        "attended_half_days_count": attended,
        "late_count": random.binomial(attended, 0.1),
        "unexcused_count": random.binomial(planned - attended, 0.5),
        "planned_half_days_count_4w": planned_4w,
        "attended_half_days_count_4w": attended_4w,
        "late_count_4w": random.binomial(attended_4w, 0.1),
        "unexcused_count_4w": random.binomial(planned_4w - attended_4w, 0.5),
        "active_days_count": random.binomial(7 * week, share),
        "active_days_count_1w": random.binomial(7, share),
        "active_days_count_4w": random.binomial(7 * min(week, 4), share),
        "action_count": random.poisson(50 * share),
        "action_count_4w": random.poisson(20 * share),
        "pre_start_active_days_count": random.poisson(2, size),
        "due_count": due,
        "handed_in_count": handed_in,
        "handed_in_of_due_count": handed_in,
        "late_hand_in_count": random.binomial(handed_in, 0.2),
        "lead_days_beside_peers_sum": handed_in * random.integers(-3, 4, size),
        "scored_count": handed_in,
        "score_pct_sum": handed_in * mark,
        "scored_weeks_sum": handed_in * week,
        "score_pct_weeks_beside_peers_sum": handed_in * week * (mark - mark.mean()),
    }
    keys = {
        "enrolment_id": names,
        "as_of_date": start + pd.Timedelta(weeks=week),
        "cohort_id": f"coh_{number:02d}",
        "campus": f"campus_{number % 2}",
        "training_id": f"training_{number % 3}",
        "learner_id": [f"lrn_{name}" for name in names],
        "week_of_training": week,
        "is_active": True,
        "has_attendance": True,
        "has_activity": True,
        "has_assessments": True,
    }
    return pd.DataFrame(keys | counts)
