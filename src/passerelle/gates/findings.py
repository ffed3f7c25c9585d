"""What a gate found, in plain words: where, what is there, what is allowed, why it matters, what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from passerelle.gates.suites import Gate, Severity, Suite

SHOWN_VALUES = 5
SHOWN_LENGTH = 40


@dataclass(frozen=True)
class Finding:
    """One expectation that does not hold.

    Attributes
    ----------
    table, column : str
        Where; ``column`` is empty for a whole table, and names several where several are compared.
    found, allowed : str
        What is there, with at most five of the offending values, and what would have been accepted.
    why, fix : str
        The advice of its suite.
    severity : str
        ``critical`` stops the line, ``warning`` is carried into the summary, ``info`` is only in the data docs.
    """

    table: str
    column: str
    found: str
    allowed: str
    why: str
    fix: str
    severity: Severity

    @property
    def place(self) -> str:
        """Table and column."""
        return f"{self.table}, {self.column}" if self.column else self.table

    @property
    def line(self) -> str:
        """The finding in one line."""
        return f"{self.place}: {self.found}; allowed: {self.allowed}. {self.fix}"

    @property
    def paragraph(self) -> str:
        """The finding in full."""
        rest = {"allowed": self.allowed, "why": self.why, "do": self.fix}
        return "\n".join(
            [f"{self.place}: {self.found}", *(f"    {key + ':':8} {text}" for key, text in rest.items())]
        )


@dataclass(frozen=True)
class CheckedTable:
    """What one table's suite found; ``page`` is its page of the data docs, as HTML."""

    suite: Suite
    row_count: int
    findings: tuple[Finding, ...]
    page: str


@dataclass(frozen=True)
class GateResult:
    """What a gate saw.

    Attributes
    ----------
    gate : str
        Which gate.
    tables : tuple of CheckedTable
        One per table that has a suite.
    unpromised : tuple of str
        Tables that came without a suite, so that nothing was checked.
    docs_path : pathlib.Path
        First page of the data docs.
    """

    gate: Gate
    tables: tuple[CheckedTable, ...]
    unpromised: tuple[str, ...]
    docs_path: Path

    @property
    def failures(self) -> list[Finding]:
        """What stops the line."""
        return self._of("critical")

    @property
    def warnings(self) -> list[Finding]:
        """What the summary carries."""
        return self._of("warning")

    @property
    def passed(self) -> bool:
        """Whether everything may go on."""
        return not self.failures

    def as_dict(self) -> dict[str, Any]:
        """The same, fit for JSON."""
        no_suite = f"no suite in expectations/{self.gate}, so nothing was checked"
        return {
            "gate": self.gate,
            "passed": self.passed,
            "tables_checked": len(self.tables),
            "expectations_checked": sum(len(table.suite.expectations) for table in self.tables),
            "warnings": [
                *(finding.line for finding in self.warnings),
                *(f"{name}: {no_suite}" for name in self.unpromised),
            ],
            "docs": str(self.docs_path),
        }

    def _of(self, severity: Severity) -> list[Finding]:
        return [
            finding for table in self.tables for finding in table.findings if finding.severity == severity
        ]


def finding_of(result: Mapping[str, Any], *, table: str, fix: str) -> Finding:
    """Put one failed result into words.

    Parameters
    ----------
    result : mapping
        One result of Great Expectations as plain JSON.
    table : str
        The table that was looked at.
    fix : str
        What to do where the expectation itself does not say.
    """
    config = result["expectation_config"]
    meta = config.get("meta") or {}
    return Finding(
        table=table,
        column=_columns(config["kwargs"]),
        found=_found(config["type"], result),
        allowed=_allowed(config["type"], config["kwargs"]),
        why=" ".join(meta["why"].split()),
        fix=" ".join((meta.get("fix") or fix).split()),
        severity=config["severity"],
    )


def _columns(kwargs: Mapping[str, Any]) -> str:
    pair = [kwargs[key] for key in ("column_A", "column_B") if key in kwargs]
    return kwargs.get("column") or " and ".join(pair or kwargs.get("column_list", []))


def _found(kind: str, result: Mapping[str, Any]) -> str:
    problem, seen = _exception(result), result.get("result") or {}
    if problem:
        return "the column is missing" if "does not exist" in problem else f"could not be checked: {problem}"
    if "unexpected_count" in seen:
        rows = f"{seen['unexpected_count']:,} of {seen['element_count']:,} rows"
        values = "" if kind.endswith("not_be_null") else _sample(seen.get("partial_unexpected_list", []))
        return f"{values} in {rows}" if values else f"nothing in {rows}"
    mismatched = (seen.get("details") or {}).get("mismatched")
    if mismatched:
        return "; ".join(f"{how} {', '.join(columns)}" for how, columns in mismatched.items())
    observed = seen.get("observed_value")
    shown = f"{observed:,.10g}" if isinstance(observed, int | float) else _moment(str(observed))
    return f"{shown} rows" if kind == "expect_table_row_count_to_be_between" else shown


def _exception(result: Mapping[str, Any]) -> str:
    """First line of what Great Expectations stumbled over; empty when it did not."""
    info = result.get("exception_info") or {}
    told = [info] if "raised_exception" in info else list(info.values())
    messages = [each["exception_message"] for each in told if each.get("raised_exception")]
    return messages[0].splitlines()[0] if messages else ""


def _sample(values: list[Any]) -> str:
    distinct = list(dict.fromkeys(_shown(value) for value in values))
    more = ", ..." if len(distinct) > SHOWN_VALUES else ""
    return ", ".join(distinct[:SHOWN_VALUES]) + more


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "(" + ", ".join(_shown(part) for part in value) + ")"
    text = str(value)
    short = text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + "..."
    return f"'{short}'" if isinstance(value, str) else short


def _between(kwargs: Mapping[str, Any]) -> str:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    is_moment = isinstance(high if low is None else low, str)
    if low is None:
        return f"{_shown_bound(high)} or {'earlier' if is_moment else 'less'}"
    if high is None:
        return f"{_shown_bound(low)} or {'later' if is_moment else 'more'}"
    return f"{_shown_bound(low)} to {_shown_bound(high)}"


def _shown_bound(value: Any) -> str:
    return _moment(value) if isinstance(value, str) else f"{value:,.10g}"


def _moment(text: str) -> str:
    return text.removesuffix("T00:00:00").replace("T", " ")


def _pair(kwargs: Mapping[str, Any]) -> str:
    least = "at least" if kwargs.get("or_equal") else "more than"
    return f"{kwargs['column_A']} {least} {kwargs['column_B']}"


ALLOWED: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "expect_column_values_to_be_in_set": lambda kwargs: ", ".join(map(str, kwargs["value_set"])),
    "expect_column_values_to_not_be_null": lambda _: "a value in every row",
    "expect_column_values_to_be_between": _between,
    "expect_column_values_to_match_regex": lambda kwargs: f"text like {kwargs['regex']}",
    "expect_column_max_to_be_between": _between,
    "expect_column_mean_to_be_between": lambda kwargs: f"a mean of {_between(kwargs)}",
    "expect_table_row_count_to_be_between": lambda kwargs: f"{_between(kwargs)} rows",
    "expect_column_pair_values_a_to_be_greater_than_b": _pair,
    "expect_compound_columns_to_be_unique": lambda _: "each combination once",
    "expect_table_columns_to_match_set": lambda kwargs: (
        "exactly the columns " + ", ".join(kwargs["column_set"])
    ),
}
"""Kind of expectation to what it allows, in words; a suite may use these and no others."""


def _allowed(kind: str, kwargs: Mapping[str, Any]) -> str:
    share = kwargs.get("mostly", 1.0)
    words = ALLOWED[kind](kwargs)
    return words if share == 1.0 else f"{words}, in at least {share:.0%} of the rows"
