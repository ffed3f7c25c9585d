"""The step: gather, view, render, write aside, put in place."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from passerelle.answer_book import SYSTEM as DESK
from passerelle.answer_links import answer_link, proposing, report_link
from passerelle.landing import Landing
from passerelle.reports.folder import file_stem, private, swapped_in, write_privately
from passerelle.reports.gathering import gather
from passerelle.reports.index import INDEX, Entry
from passerelle.reports.mail import as_mail
from passerelle.reports.overview import Overview, overview
from passerelle.reports.playbook import read_playbook
from passerelle.reports.render import as_html, as_mail_html, as_text
from passerelle.reports.report import Report
from passerelle.reports.view import Edition
from passerelle.school import load_school
from passerelle.settings import Settings
from support_need import explain

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class ReportResult:
    """What one Monday's run wrote; no names.

    Attributes
    ----------
    count : int
        Coaches' reports, each with its mail.
    overviews : int
        Reports to campus leads and the director, which name nobody.
    folder, outbox : pathlib.Path
        Where the pages and the mails are.
    languages : dict of str to int
        Reports per language.
    listed, not_scored : int
        Learners on a list, and learners of whom no list says anything.
    undeliverable : int
        Mails without a real address.
    """

    count: int
    overviews: int
    folder: Path
    outbox: Path
    languages: dict[str, int]
    listed: int
    not_scored: int
    undeliverable: int

    def as_dict(self) -> dict[str, object]:
        """Plain values, fit for JSON."""
        return vars(self) | {"folder": str(self.folder), "outbox": str(self.outbox)}


def write_reports(school: str, settings: Settings, *, as_of: dt.date) -> ReportResult:
    """Write every coach's page and mail of one Monday; the same Monday again writes the same bytes.

    Parameters
    ----------
    school : str
        Folder name under ``schools/``.
    settings : Settings
    as_of : datetime.date
        The Monday; its marts must have been built.

    Raises
    ------
    ReportError
        A report cannot be written; the last ones stay as they were.
    """
    chosen = load_school(school)
    edition = Edition(
        material=gather(settings, as_of=as_of),
        school=chosen,
        as_of=as_of,
        playbooks={language: read_playbook(school, language) for language in chosen.languages},
        sentence=explain.sentence,
        answer_address=desk_address(settings, as_of) if DESK in chosen.systems else None,
        page_address=page_address(settings, as_of) if DESK in chosen.systems else None,
    )
    result = write_edition(
        edition,
        folder=settings.part("reports", as_of.isoformat()),
        outbox=settings.part("outbox", as_of.isoformat()),
    )
    land_what_was_shown(Landing(settings), edition)
    return result


def land_what_was_shown(landing: Landing, edition: Edition) -> None:
    """Keep for good which names coaches were shown, and of places drawn by lot, the seed, the chance and the luck."""
    rows, lottery = edition.material.risk_list, edition.school.coaching.lottery
    if lottery is not None:
        drawn = rows[rows["listed_probability"].notna()].assign(lottery_seed=lottery.seed)
        landing.land_shown("draws", drawn, as_of=edition.as_of)
    landing.land_shown("lists", shown_names(rows), as_of=edition.as_of)


def shown_names(risk_list: pd.DataFrame) -> pd.DataFrame:
    """Rows of the risk list whose names coaches are shown as somebody to talk to."""
    return risk_list[risk_list["is_listed"] | risk_list["is_also_check_in"]]


def desk_address(settings: Settings, as_of: dt.date) -> Callable[[str, str, str], str]:
    """Where a coach answers about an enrolment with a verdict proposed; the signature is made once for all verdicts."""

    @lru_cache(maxsize=1)
    def link(coach_id: str, enrolment_id: str) -> str:
        return answer_link(settings, coach_id=coach_id, enrolment_id=enrolment_id, as_of=as_of)

    return lambda coach_id, enrolment_id, verdict: proposing(link(coach_id, enrolment_id), verdict)


def page_address(settings: Settings, as_of: dt.date) -> Callable[[str], str]:
    """Where a coach opens the page of the report."""
    return lambda coach_id: report_link(settings, coach_id=coach_id, as_of=as_of)


def write_edition(edition: Edition, *, folder: Path, outbox: Path) -> ReportResult:
    """Write the pages, their index and the mails; all of them, or nothing.

    Parameters
    ----------
    edition : Edition
    folder, outbox : pathlib.Path
        Replaced as a whole.
    """
    counted, languages = Counter[str](), Counter[str]()
    with (
        swapped_in(folder, outbox) as (pages, mails),
        open(pages / INDEX, "xb", opener=private) as index,
    ):
        for letter, address in _letters(edition):
            entry = _write(letter, address, time_zone=edition.school.time_zone, pages=pages, mails=mails)
            index.write(entry.line())
            counted[type(letter).__name__] += 1
            counted += Counter(listed=entry.listed, not_scored=entry.not_scored)
            counted["undeliverable"] += not entry.is_deliverable
            languages[entry.language] += isinstance(letter, Report)
    return ReportResult(
        count=counted[Report.__name__],
        overviews=counted[Overview.__name__],
        folder=folder,
        outbox=outbox,
        languages={language: count for language, count in sorted(languages.items()) if count},
        listed=counted["listed"],
        not_scored=counted["not_scored"],
        undeliverable=counted["undeliverable"],
    )


def _letters(edition: Edition) -> Iterator[tuple[Report | Overview, object]]:
    """Every letter of a Monday with the address that it goes to, if any: one after another, none kept."""
    addresses = edition.material.coach_people.reindex(columns=["email"])["email"]
    for report in edition.reports():
        yield report, addresses.get(report.owner_id)
    for reader in edition.school.overviews:
        yield overview(reader, edition.classes, as_of=edition.as_of), reader.address


def _write(letter: Report | Overview, address: object, *, time_zone: str, pages: Path, mails: Path) -> Entry:
    stem = file_stem(letter.owner_id)
    html, text = as_mail_html(letter), as_text(letter)
    mail = as_mail(letter, html=html, text=text, address=address, stem=stem, time_zone=time_zone)
    write_privately(pages / f"{stem}.html", as_html(letter).encode())
    write_privately(mails / f"{stem}.eml", mail.content)
    entry = Entry(
        owner=letter.owner_id,
        page=f"{stem}.html",
        mail=f"{stem}.eml",
        language=letter.language,
        is_deliverable=mail.is_deliverable,
    )
    if isinstance(letter, Overview):
        return entry
    return replace(
        entry, listed=len(letter.listed), not_scored=letter.not_scored_count, enrolments=letter.named
    )
