"""The example query on each mart's page of the dbt docs answers, on a finished week."""

from __future__ import annotations

import re

import pytest

from demo_week import Week
from passerelle.settings import PROJECT_DIR, Settings
from passerelle.warehouse import Warehouse

pytestmark = pytest.mark.slow
PAGE = (PROJECT_DIR / "dbt" / "models" / "marts" / "business_rules.md").read_text()
BLOCKS = dict(re.findall(r"{% docs (\w+)_rules %}(.*?){% enddocs %}", PAGE, flags=re.DOTALL))


@pytest.mark.parametrize("mart", BLOCKS)
def test_the_example_query_of_a_mart_answers(demo_week: Week, mart: str) -> None:
    (query,) = re.findall(r"```sql\n(.*?)```", BLOCKS[mart], flags=re.DOTALL)
    assert mart in query
    Warehouse(Settings(home=demo_week.home)).query(query)
