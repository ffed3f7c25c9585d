"""The coaches' reports of one Monday. `README.md` says what belongs here."""

from passerelle.reports.sources import StaleSource
from passerelle.reports.writing import ReportResult, write_reports

__all__ = ["ReportResult", "StaleSource", "write_reports"]
