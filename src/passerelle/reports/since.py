"""What has happened since earlier Mondays: on the list and off it, and how earlier lists did."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from passerelle.reports.material import Row
from passerelle.reports.words import Words

#: As `cool_down_days` of dbt/macros/list_rules.sql.
COOL_DOWN = dt.timedelta(days=14)
#: Fewer names than this, whose outcome is known, say nothing about how often the lists were right.
FEWEST_FOR_A_RECORD = 20


def change_line(row: Row, words: Words) -> str:
    """New this Monday, or for how long on the list and whether it has become better; empty when nothing is known."""
    weeks: Any = row.get("weeks_on_list")
    if weeks is None or pd.isna(weeks):
        return ""
    if row["list_change"] == "new":
        return words.say("since.new")
    return words.say("since.better" if row["list_change"] == "better" else "since.still", count=int(weeks))


def off_line(name: str, contacted: dt.date | None, words: Words, *, as_of: dt.date) -> str:
    """One who was listed last Monday and is not any more: contacted, or for other reasons."""
    if contacted is not None and contacted > as_of - COOL_DOWN:
        return words.say("off.contacted", name=name, date=words.date(contacted))
    return words.say("off.other", name=name)


def record_line(past: Row, words: Words, *, target: str, days: int) -> str:
    """How often the names on earlier lists had the outcome that the list is about, of all whose outcome is known.

    Parameters
    ----------
    past : mapping
        ``known_count`` and ``needed_count``.
    words : Words
    target : {"completes", "placed"}
    days : int
        Horizon of the target ``placed``.
    """
    known, needed = (int(past[name]) for name in ("known_count", "needed_count"))
    if known < FEWEST_FOR_A_RECORD:
        return words.say("record.too_few")
    return words.say(f"record.{target}", known=known, needed=needed, days=days)
