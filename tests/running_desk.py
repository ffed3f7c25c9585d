"""The coach's desk of the demo school, really served on a port of this machine, with a book of answers of its own."""

import datetime as dt
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import uvicorn

from passerelle.answer_book import AnswerBook
from passerelle.answer_links import answer_link, list_link
from passerelle.desk import create_app
from passerelle.settings import Settings
from passerelle.warehouse import Warehouse

MONDAY = dt.date(2026, 11, 23)


@dataclass(frozen=True)
class Desk:
    """A running desk: where it is, its settings, its book and that Monday's lists."""

    settings: Settings
    book: AnswerBook
    lists: pd.DataFrame

    def link(self, row: pd.Series, *, as_of: dt.date = MONDAY) -> str:
        """The link of one row of the lists."""
        owner, enrolment = row["list_owner_id"], row["enrolment_id"]
        return answer_link(self.settings, coach_id=owner, enrolment_id=enrolment, as_of=as_of)

    def whole_list(self, row: pd.Series) -> str:
        """The link of the whole list on which a row stands."""
        return list_link(self.settings, coach_id=row["list_owner_id"], as_of=MONDAY)

    def listed(self, language: str = "") -> pd.DataFrame:
        """Rows of the learners on the lists, of coaches who read that language."""
        rows = self.lists[self.lists["is_listed"].astype(bool)]
        return rows[rows["language"] == language] if language else rows


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_desk(home: Path, answers: str, *, port: int = 0) -> Iterator[Desk]:
    """Serve the desk of a state folder, with the answers in a database of their own."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PASSERELLE_DESK_DATABASE_URL", answers)
        settings = Settings(school="ai_school", home=home, desk_port=port or free_port())
        config = uvicorn.Config(
            create_app(settings), port=settings.desk_port, log_level="error", lifespan="off"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        sql = "select * from mart_risk_list left join dim_coach on list_owner_id = dim_coach.coach_id"
        lists = Warehouse(settings).frame(sql, as_of=MONDAY)
        try:
            yield Desk(settings, AnswerBook(settings), lists)
        finally:
            server.should_exit = True
            thread.join()
