"""The list of a Monday's letters, beside their pages: a line for each, so that nobody has to hold them all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from passerelle.reports.folder import file_stem

INDEX = "index.jsonl"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One letter; no name and no address.

    Attributes
    ----------
    owner : str
        Coach, cohort, lead or director.
    page, mail : str
        File names in the folder of pages and in the outbox.
    language : str
    is_deliverable : bool
        Whether the mail has a real address.
    listed, not_scored : int
        Learners on the list, and learners of whom it says nothing.
    enrolments : tuple of str
        Everybody whom it names.
    """

    owner: str
    page: str
    mail: str
    language: str
    is_deliverable: bool
    listed: int = 0
    not_scored: int = 0
    enrolments: tuple[str, ...] = ()

    def line(self) -> bytes:
        """The entry as it stands in the index."""
        return json.dumps(asdict(self)).encode() + b"\n"


def read_index(folder: Path) -> Iterator[Entry]:
    """The entries of a folder of pages, in the order in which the letters were written."""
    with (folder / INDEX).open("rb") as lines:
        for line in lines:
            told = json.loads(line)
            yield Entry(**told | {"enrolments": tuple(told["enrolments"])})


def entry_of(folder: Path, owner_id: str) -> Entry | None:
    """The entry of one owner; None where nothing was written for that owner."""
    if not (folder / f"{file_stem(owner_id)}.html").is_file():
        return None
    return next((entry for entry in read_index(folder) if entry.owner == owner_id), None)
