"""A metric of the dbt project and the mart that shows it are one number: each is worked out from its own definition."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
import yaml

from demo_week import Week
from passerelle.settings import PROJECT_DIR, Settings
from passerelle.warehouse import Warehouse

pytestmark = pytest.mark.slow


def _ratio(mart: str, metric: str, group: str) -> str:
    """A ratio metric by group, as its definition in the mart's yml says, measure by measure."""
    told: dict[str, Any] = yaml.safe_load(
        (PROJECT_DIR / "dbt" / "models" / "marts" / f"{mart}.yml").read_text()
    )
    metrics = {each["name"]: each["type_params"] for each in told["metrics"]}
    (model,) = told["semantic_models"]
    measures = {each["name"]: f"{each['agg']}({each['expr']})" for each in model["measures"]}
    assert model["model"] == f"ref('{mart}')"
    above, below = (
        measures[metrics[metrics[metric][part]]["measure"]] for part in ("numerator", "denominator")
    )
    return (
        f"select {group}, {above} / nullif({below}, 0) as share from {mart} group by {group} order by {group}"
    )


@pytest.mark.parametrize("metric", ["placed_share_lower", "placed_share_upper"])
def test_a_placement_metric_is_the_rate_of_the_mart_under_every_definition(
    demo_week: Week, metric: str
) -> None:
    warehouse = Warehouse(Settings(home=demo_week.home))
    shown = warehouse.frame(
        f"select definition_id, {metric} as share from mart_placement"
        " where cohort_id = 'all' and segment_kind = 'all' order by definition_id"
    )
    assert shown["share"].notna().sum() > 10
    pd.testing.assert_frame_equal(warehouse.frame(_ratio("mart_placement", metric, "definition_id")), shown)


def test_the_attendance_metric_is_the_share_of_the_mart(demo_week: Week) -> None:
    warehouse = Warehouse(Settings(home=demo_week.home))
    keys = "cohort_id, as_of_date"
    shown = warehouse.frame(
        f"select {keys}, attended_share_4w as share from mart_cohort_week order by {keys}"
    )
    assert shown["share"].notna().sum() > 100
    pd.testing.assert_frame_equal(
        warehouse.frame(_ratio("mart_cohort_week", "attended_share_4w", keys)), shown
    )
