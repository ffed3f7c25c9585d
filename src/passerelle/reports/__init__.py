"""The coaches' reports of one Monday, and their sending. `README.md` says what belongs here."""

from passerelle.reports.sending import SendResult, allow_again, send_mails
from passerelle.reports.writing import ReportResult, write_reports

__all__ = ["ReportResult", "SendResult", "allow_again", "send_mails", "write_reports"]
