"""What must be true where data changes hands: ``expectations/<gate>/<table>.yml``, typed, frozen and closed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from passerelle.errors import ConfigError
from passerelle.settings import PROJECT_DIR
from passerelle.typed_files import Closed, wrong_key

EXPECTATIONS_DIR = PROJECT_DIR / "expectations"
Gate = Literal["raw", "marts", "scores"]
KNOWN_AT = "_known_at"
Severity = Literal["critical", "warning", "info"]


class Advice(Closed):
    """Why an expectation is there, and what to do when it fails; without a ``fix``, the suite's holds."""

    why: str = Field(min_length=20)
    fix: str = ""


class Expectation(Closed):
    """One promise, in Great Expectations' own words."""

    type: str
    kwargs: dict[str, Any] = Field(default_factory=dict)
    severity: Severity
    meta: Advice

    @property
    def is_about_volume(self) -> bool:
        """Whether it counts rows."""
        return self.type == "expect_table_row_count_to_be_between"

    @property
    def is_about_freshness(self) -> bool:
        """Whether it looks at the newest known-at date."""
        return self.type == "expect_column_max_to_be_between" and self.kwargs.get("column") == KNOWN_AT


class Suite(Closed):
    """What must be true of one table.

    Attributes
    ----------
    name : str
        Stem of the file; for raw tables ``<system>__<table>``.
    table : str
        The table, in the words of the rest of the house: ``sis.learner``, ``fct_enrolment_week``.
    why : str
        What goes wrong downstream when the table is wrong.
    fix : str
        Whom to turn to.
    """

    name: str
    table: str
    why: str = Field(min_length=20)
    fix: str = Field(min_length=20)
    expectations: tuple[Expectation, ...] = Field(min_length=1)

    @property
    def columns(self) -> set[str]:
        """Columns that it speaks about."""
        told = [expectation.kwargs for expectation in self.expectations]
        single = {
            kwargs[key] for kwargs in told for key in ("column", "column_A", "column_B") if key in kwargs
        }
        return single.union(
            *(kwargs.get(key, ()) for kwargs in told for key in ("column_list", "column_set"))
        )

    @property
    def is_about_all_columns(self) -> bool:
        """Whether it says which columns there may be."""
        return any(
            expectation.type == "expect_table_columns_to_match_set" for expectation in self.expectations
        )


@cache
def read_suite(path: Path) -> Suite:
    """Read one suite.

    Raises
    ------
    ConfigError
        The file is not YAML, or a key is unknown, missing or of the wrong type.
    """
    try:
        return Suite.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not valid YAML: {error}", fix=str(path)) from error
    except ValidationError as error:
        raise wrong_key(error, path=path, kind=Suite) from error


def suites_of(gate: Gate, folder: Path = EXPECTATIONS_DIR) -> list[Suite]:
    """Every suite of one gate."""
    return [read_suite(path) for path in sorted((folder / gate).glob("*.yml"))]


def suite_of(gate: Gate, table: str, folder: Path = EXPECTATIONS_DIR) -> Suite | None:
    """Suite of one table, ``sis__learner.yml`` for ``sis.learner``; None when there is none."""
    path = folder / gate / f"{table.replace('.', '__')}.yml"
    return read_suite(path) if path.is_file() else None
