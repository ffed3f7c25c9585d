"""The three gates, where data changes hands: suites in YAML, checked by Great Expectations, told in plain words."""

from passerelle.gates.checking import Landed, check, suite_tables
from passerelle.gates.findings import GateResult

__all__ = ["GateResult", "Landed", "check", "suite_tables"]
