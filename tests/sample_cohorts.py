"""A little school for the cohort page: three mature intakes, two maturing, one cohort in training."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from passerelle.cohort_page.gathering import Material

COUNTS = ("placed_count", "not_placed_count", "unknown_count", "immature_count", "heads_to_target")
BOUNDS = ("placed_share_lower", "placed_share_upper", "wilson_low", "wilson_high")


def placement(year: int, counts: tuple[int, ...], bounds: tuple[float | None, ...], **others: object) -> dict:
    """One row of mart_placement."""
    return {
        "intake_year": year,
        "is_mature": bounds[0] is not None,
        "start_date": dt.date(year, 2, 5),
        "training_title": "Data & AI",
        "campus": "Ghent",
        "cohort_id": f"GNT-{year}-01",
        "title": "Graduates who found a job within 180 days",
        "definition_is_in_force": True,
        **dict(zip(COUNTS, counts, strict=True)),
        **dict(zip(BOUNDS, bounds, strict=True)),
        **others,
    }


def material(**others: object) -> Material:
    """The sample, with parts replaced."""
    rows = [
        placement(2022, (17, 3, 0, 0, 0), (0.85, 0.85, 0.64, 0.95)),
        placement(2023, (12, 3, 5, 0, 4), (0.60, 0.85, 0.39, 0.95)),
        placement(2024, (13, 7, 0, 0, 3), (0.65, 0.65, 0.43, 0.82)),
        placement(2026, (6, 2, 0, 9, 1), (0.75, 0.75, 0.41, 0.93)),
        placement(2025, (0, 0, 0, 9, 8), (None, None, None, None), training_title=None),
    ]
    frame = pd.DataFrame(rows)
    weeks = pd.DataFrame(
        {
            "cohort_id": "<b>GNT</b>",
            "week_of_training": [4, 5, 6],
            "attended_share_4w": [0.95, 0.91, 0.84],
            "training_title": "Data & AI",
            "campus": "Ghent",
            "active_count": 21,
            "enrolled_count": 24,
        }
    )
    parts = {
        "school": "The AI School",
        "definition": "Graduates who found a job within 180 days",
        "as_of": dt.date(2026, 11, 23),
        "target": 0.8,
        "horizon_days": 180,
        "cohorts": frame,
        "years": frame,
        "definitions": pd.concat(
            [
                frame,
                frame.assign(
                    title="In work on the day *", heads_to_target=None, definition_is_in_force=False
                ),
            ]
        ),
        "curves": pd.DataFrame(
            {
                "intake_year": [2024] * 3 + [2025] * 2,
                "waited_days": [0, 40, 200, 0, 30],
                "followed_days": [200] * 3 + [62] * 2,
                "placed_share": [0.1, 0.5, 0.7, 0.0, 0.2],
                "people_count": [20] * 3 + [9] * 2,
            }
        ),
        "running": weeks,
        "past_weeks": pd.DataFrame(
            {"week_of_training": range(1, 30), "low": 0.8, "middle": 0.9, "high": 0.95}
        ),
        "past_count": 12,
    }
    return Material(**(parts | others))
