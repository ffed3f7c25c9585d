"""Files of ours, typed and closed: a key that does not fit is an error with a remedy."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from passerelle.errors import ConfigError


class Closed(BaseModel):
    """What a file holds, or a table of it: never changed, and no key that it does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Model = TypeVar("Model", bound=Closed)


def read_toml(path: Path, kind: type[Model], **told: Any) -> Model:
    """Read a TOML file as what it should be; ``told`` is added to its keys.

    Raises
    ------
    ConfigError
        It is no TOML, or a key is unknown, missing or of the wrong type.
    """
    try:
        return kind.model_validate(told | tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}", fix=str(path)) from error
    except ValidationError as error:
        raise wrong_key(error, path=path, kind=kind) from error


def wrong_key(error: ValidationError, *, path: Path, kind: type[Closed]) -> ConfigError:
    """Tell of the first key that does not fit: its value, what is allowed, and the file.

    Parameters
    ----------
    error : pydantic.ValidationError
    path : pathlib.Path
        The file that was read.
    kind : type of Closed
        What the whole file should be.
    """
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    rule = first["msg"].removeprefix("Value error, ")
    match first["type"]:
        case "extra_forbidden":
            keys = _table_of(kind, first["loc"]).model_fields
            found, allowed = f"unknown key '{key}'", f"the keys {', '.join(keys)}"
        case "missing":
            found, allowed = f"'{key}' is missing", ""
        case "value_error":
            found, allowed = f"'{key}': {rule}" if key else rule, ""
        case _:
            found, allowed = f"'{key}' is {first['input']!r}", rule
    return ConfigError(f"{path}: {found}", allowed=allowed, fix=str(path))


def _table_of(kind: type[Closed], place: tuple[int | str, ...]) -> type[Closed]:
    """The model of the table in which a key stands."""
    for name in place:
        field = kind.model_fields.get(str(name))
        inside = [one for one in _types_in(field.annotation) if _is_model(one)] if field else []
        kind = inside[0] if inside else kind
    return kind


def _types_in(annotation: Any) -> list[Any]:
    return [annotation, *(one for part in get_args(annotation) for one in _types_in(part))]


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Closed)
