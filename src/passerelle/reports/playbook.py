"""The school's support playbook: one suggested conversation per topic of a reason."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from passerelle.errors import ReportError
from passerelle.school import school_dir
from support_need.features import BY_NAME

NO_FACT = "no_fact"


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """A suggested conversation: a question that opens it, and what the school can do."""

    ask: str
    offer: str


@dataclass(frozen=True, kw_only=True)
class Playbook:
    """Suggested conversations of one school in one language.

    Attributes
    ----------
    path : pathlib.Path
        The file they come from.
    conversations : mapping of str to Conversation
        By topic.
    """

    path: Path
    conversations: Mapping[str, Conversation]

    def conversation(self, reason_code: str | None) -> Conversation:
        """The conversation that a reason suggests, or the open one when there is no reason.

        Raises
        ------
        ReportError
            The reason is not a feature of the model, or the playbook has nothing on its topic.
        """
        topic = topic_of(reason_code)
        if topic not in self.conversations:
            raise ReportError(
                f"the playbook has no conversation on '{topic}'",
                allowed=", ".join(sorted(self.conversations)),
                fix=f"{self.path}, a table [{topic}] with ask and offer",
            )
        return self.conversations[topic]


def topic_of(reason_code: str | None) -> str:
    """Topic of a reason, as a playbook spells it; ``no_fact`` without a reason.

    Raises
    ------
    ReportError
        The code is not a feature of the model.
    """
    if reason_code is None:
        return NO_FACT
    if reason_code not in BY_NAME:
        raise ReportError(
            f"the reason '{reason_code}' is not a feature of the model",
            allowed=", ".join(BY_NAME),
            fix="models/support_need/features.py, or score this Monday again",
        )
    return BY_NAME[reason_code].topic.replace(" ", "_")


def topics() -> set[str]:
    """Every topic that a listed learner can have."""
    return {NO_FACT, *(topic_of(feature.name) for feature in BY_NAME.values() if feature.is_changeable)}


def read_playbook(school: str, language: str) -> Playbook:
    """Read ``schools/<school>/playbook/<language>.toml``.

    Raises
    ------
    ReportError
        There is no playbook in that language, or it is not what a playbook is.
    """
    path = school_dir(school) / "playbook" / f"{language}.toml"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        conversations = {topic: Conversation(**entries) for topic, entries in tables.items()}
    except FileNotFoundError as error:
        there = sorted(file.stem for file in path.parent.glob("*.toml"))
        raise ReportError(
            f"no playbook in the language '{language}'",
            allowed=", ".join(there) or "one per language",
            fix=str(path),
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError) as error:
        raise ReportError(
            f"{path} is not a playbook: {error}",
            allowed="one table per topic, each with ask and offer",
            fix=str(path),
        ) from error
    return Playbook(path=path, conversations=conversations)
