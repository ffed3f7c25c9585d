"""A score as so many of ten learners, as wide as it is unsure, and no more sure than it is."""

from typing import Any

import pytest

from passerelle.reports.band import band
from passerelle.reports.report import Band
from passerelle.reports.words import Words
from sample_edition import edition


def told(probability: float, low: float | None, high: float | None, **row: Any) -> Band:
    fields = {
        "basis": "model",
        "support_need_probability": probability,
        "probability_low": low,
        "probability_high": high,
        "is_listed": True,
        "is_near_cut": False,
    }
    return band(fields | row, school=edition().school, words=Words("en"))


@pytest.mark.parametrize(
    ("probability", "low", "high", "sentence", "dots"),
    [
        (0.04, 0.01, 0.04, "Fewer than 1 in 10 learners", (0, 0)),
        (0.05, 0.05, 0.14, "About 1 in 10 learners", (1, 1)),
        (0.449, None, None, "About 4 in 10 learners", (4, 4)),
        (0.45, None, None, "About 5 in 10 learners", (5, 5)),
        (0.949, 0.949, 0.949, "About 9 in 10 learners", (9, 9)),
        (0.96, 0.96, 0.99, "More than 9 in 10 learners", (10, 10)),
        (0.1, 0.02, 0.31, "Up to 3 in 10 learners", (0, 3)),
        (0.3, 0.21, 0.44, "Between 2 and 4 in 10 learners", (2, 4)),
        (0.9, 0.8, 1.0, "Between 8 and 10 in 10 learners", (8, 10)),
    ],
)
def test_a_score_is_told_as_so_many_in_ten(
    probability: float, low: float | None, high: float | None, sentence: str, dots: tuple[int, int]
) -> None:
    found = told(probability, low, high)
    assert found.sentence == f"{sentence} with a similar pattern did not finish."
    assert (found.tenths, found.most_tenths) == dots


def test_a_name_near_the_cut_is_told_so_and_one_beside_the_list_is_not() -> None:
    assert told(0.3, 0.2, 0.4, is_near_cut=True).sentence.endswith("this name might not be on the list.")
    assert "close" not in told(0.3, 0.2, 0.4).sentence
    assert "close" not in told(0.3, 0.2, 0.4, is_near_cut=True, is_listed=False).sentence
