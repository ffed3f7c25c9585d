"""What a coach can say was done, and how: ``schools/<school>/answers/<language>.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from passerelle.errors import DeskError
from passerelle.school import school_dir


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Labels by code, in one language.

    Attributes
    ----------
    actions, channels : mapping of str to str
    """

    actions: Mapping[str, str]
    channels: Mapping[str, str]


def read_choices(school: str, language: str) -> Choices:
    """Read what can be chosen at a school, in one language.

    Raises
    ------
    DeskError
        There is no such file, or it is not what it should be.
    """
    path = school_dir(school) / "answers" / f"{language}.toml"
    try:
        return Choices(**tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise DeskError(
            f"no answers in the language '{language}'", allowed="a file per language", fix=str(path)
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError) as error:
        raise DeskError(
            f"{path} cannot be used: {error}", allowed="the tables [actions] and [channels]", fix=str(path)
        ) from error
