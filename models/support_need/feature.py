"""What a feature is: one input of the model, what it reads, what it may say, and in which words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from support_need.peers import Column, Panel
from support_need.sentences import SENTENCES

Family = Literal["entry", "attendance", "activity", "assessments"]


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One input of the model.

    Attributes
    ----------
    name : str
        Also the code of the reason.
    formula : str
        What ``derive`` computes, in words.
    sources : tuple of str
        Columns of the panel that it reads.
    family : str
        The facts it needs; where they do not reach us it is NaN.
    sign : int
        +1: more means more need of support; -1: less; a fitted weight of the other sign is not believed.
        0: either way.
    is_changeable : bool
        Only what a learner can still change may be given as a reason.
    topic : str
        At most one reason is given per topic.
    """

    name: str
    formula: str
    sources: tuple[str, ...]
    family: Family
    sign: Literal[-1, 0, 1]
    is_changeable: bool
    topic: str
    derive: Callable[[Panel], Column]

    @property
    def weeks(self) -> int | None:
        """Weeks before the Monday that its shortest window looks back on; None when it looks back to the start.

        The window is in the name of the column, ``_4w``: the panel promises it there.
        """
        windows = [re.search(r"_(\d+)w$", source) for source in self.sources]
        return min((int(window[1]) for window in windows if window), default=None)

    @property
    def sentences(self) -> dict[str, tuple[str, str]]:
        """Language to the sentence as a reason and as a strength."""
        return SENTENCES[self.name]
