"""The definition of "placed" in force: one of the registry that dbt's marts count by, with the same window and lag."""

from __future__ import annotations

import csv
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, Field

from passerelle.settings import PROJECT_DIR
from passerelle.typed_files import Closed

REGISTRY = PROJECT_DIR / "dbt" / "seeds" / "outcomes" / "outcome_definitions.csv"


@cache
def _registry() -> dict[str, tuple[int, str, int]]:
    """Definition to its window, the window's unit and its reporting lag in days."""
    with REGISTRY.open(encoding="utf-8", newline="") as file:
        return {
            row["definition_id"]: (
                int(row["window_count"]),
                row["window_unit"],
                int(row["reporting_lag_days"]),
            )
            for row in csv.DictReader(file)
        }


def _known_definition(definition_id: str) -> str:
    if definition_id not in _registry():
        raise ValueError(
            f"no definition '{definition_id}' in {REGISTRY.relative_to(PROJECT_DIR)}, which has "
            + ", ".join(_registry())
        )
    return definition_id


class Outcome(Closed):
    """The definition of "placed" in force."""

    definition_id: Annotated[str, AfterValidator(_known_definition)]
    horizon_days: int = Field(gt=0)
    reporting_lag_days: int = Field(ge=0)

    def check_against_the_registry(self) -> None:
        """See that reports, which tell the days of this file, and marts, which count by the registry, mean one promise.

        Raises
        ------
        ValueError
            The registry gives the definition other days.
        """
        count, unit, lag = _registry()[self.definition_id]
        if (self.horizon_days, "day", self.reporting_lag_days) != (count, unit, lag):
            raise ValueError(
                f"outcome.horizon_days is {self.horizon_days} and outcome.reporting_lag_days"
                f" {self.reporting_lag_days}; in {REGISTRY.relative_to(PROJECT_DIR)} {self.definition_id} has a window"
                f" of {count} {unit}s and a lag of {lag} days"
            )
