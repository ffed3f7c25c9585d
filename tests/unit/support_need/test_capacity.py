from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix

from support_need.capacity import (
    THRESHOLDS,
    at_capacity,
    capacity_curve,
    lots,
    net_benefits,
    on_list,
    place_on_list,
    places,
)


def judged(count: int = 600) -> pd.DataFrame:
    random = np.random.default_rng(2)
    probability = np.round(random.uniform(0.02, 0.8, count), 2)
    return pd.DataFrame(
        {
            "enrolment_id": [f"enr_{number}" for number in range(count)],
            "cohort_id": np.repeat([f"c{number}" for number in range(6)], count // 6),
            "day": 28,
            "is_bad": (random.random(count) < probability).astype(float),
            "places": 0.25,
            "model": probability,
            "vague": random.uniform(size=count),
        }
    )


def test_a_caseload_shares_the_hours_of_its_coach():
    rows = pd.DataFrame(
        {
            "enrolment_id": [f"e{number}" for number in range(15)],
            "cohort_id": ["a"] * 8 + ["b"] * 4 + ["c"] * 3,
            "as_of_date": pd.Timestamp("2026-03-02"),
        }
    )
    owner = pd.Series("coach", index=[f"e{number}" for number in range(12)])
    assert places(rows, owner=owner, capacity=6).tolist() == [0.5] * 12 + [1.0] * 3
    assert places(rows, owner=None, capacity=4).tolist() == [0.5] * 8 + [1.0] * 7


def test_those_tied_at_the_edge_share_it():
    rows = judged(6).assign(cohort_id="a", places=0.5)
    listed = on_list(rows, np.array([0.9, 0.8, 0.5, 0.5, 0.1, 0.1]))
    assert listed.tolist() == [1, 1, 0.5, 0.5, 0, 0]


def test_precision_and_recall_at_capacity_are_those_of_the_top_of_each_class():
    rows = judged().assign(model=lambda frame: frame["model"] + np.linspace(0, 1e-4, len(frame)))
    top = rows.sort_values("model", ascending=False).groupby("cohort_id").head(25)
    (row,) = at_capacity(rows, "model", [28])
    assert row["precision"] == pytest.approx(top["is_bad"].mean())
    assert row["recall"] == pytest.approx(top["is_bad"].sum() / rows["is_bad"].sum())
    assert row["listed_share"] == pytest.approx(0.25)
    low, high = row["intervals"]["precision"]
    assert low < row["precision"] < high


def test_more_hours_catch_more_at_a_lower_precision():
    curve = capacity_curve(judged(), "model", [28])
    assert [row["recall"] for row in curve] == sorted(row["recall"] for row in curve)
    assert [row["precision"] for row in curve] == sorted((row["precision"] for row in curve), reverse=True)


def test_net_benefit_is_what_the_confusion_matrix_of_scikit_learn_gives():
    rows = judged()
    found = {
        (row["threshold"], row["candidate"]): row["net_benefit"]
        for row in net_benefits(rows, ["model"], [28])
    }
    for threshold in THRESHOLDS:
        called = rows["model"] >= threshold
        (_, wrongly), (_, rightly) = confusion_matrix(rows["is_bad"], called)
        expected = (rightly - wrongly * threshold / (1 - threshold)) / len(rows)
        assert found[threshold, "model"] == pytest.approx(expected)
        rate = rows["is_bad"].mean()
        assert found[threshold, "everybody"] == pytest.approx(rate - (1 - rate) * threshold / (1 - threshold))


def test_a_whole_number_of_worked_net_benefit():
    rows = pd.DataFrame(
        {"cohort_id": "a", "day": 28, "is_bad": [1.0, 1, 0, 0, 0], "model": [0.9, 0.4, 0.6, 0.1, 0.1]}
    )
    (row,) = [
        one
        for one in net_benefits(rows, ["model"], [28])
        if one["candidate"] == "model" and one["threshold"] == 0.5
    ]
    assert row["net_benefit"] == pytest.approx((1 - 1 * 1.0) / 5)


def test_equals_have_the_places_that_the_warehouse_gives_them():
    rows = pd.DataFrame({"enrolment_id": [f"enr_{number}" for number in range(200)]})
    rows["list"] = np.arange(200) % 3
    rows["probability"] = np.where(np.arange(200) % 7 == 0, 0.6, 0.3)
    theirs = duckdb.sql(
        "select row_number() over (partition by list order by probability desc, md5(enrolment_id)) as place "
        "from rows order by cast(enrolment_id[5:] as integer)"
    ).df()["place"]
    ours = place_on_list(
        rows["probability"].to_numpy(), of_list=rows["list"].to_numpy(), lot=lots(rows["enrolment_id"])
    )
    assert ours.tolist() == theirs.tolist()
