"""A folder that is written aside and swapped in whole, readable by its owner only."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_PLAIN_STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def file_stem(owner_id: str) -> str:
    """A file name for an owner's report: the identifier itself where it is plain, else made so and told apart.

    >>> file_stem("cch_0123456789abcdef")
    'cch_0123456789abcdef'
    """
    if _PLAIN_STEM.fullmatch(owner_id):
        return owner_id
    digest = hashlib.sha256(owner_id.encode()).hexdigest()[:8]
    return f"{re.sub('[^A-Za-z0-9]+', '-', owner_id).strip('-')[:48]}-{digest}".lstrip("-")


@contextmanager
def swapped_in(*places: Path) -> Iterator[tuple[Path, ...]]:
    """Empty folders to write into; they take their places together when the block ends well.

    Parameters
    ----------
    *places : pathlib.Path
        Folders that are made, or replaced with all that is in them. The folder that holds them is closed to others.

    Yields
    ------
    tuple of pathlib.Path
        One folder per place. When the block raises they are removed, and the places stay as they were.
    """
    asides = tuple(_emptied(place.parent / "_writing" / place.name) for place in places)
    try:
        yield asides
        _swap(dict(zip(asides, places, strict=True)))
    finally:
        for aside in asides:
            shutil.rmtree(aside, ignore_errors=True)


def write_privately(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read."""
    with open(path, "xb", opener=private) as file:
        file.write(content)


def private(path: str, flags: int) -> int:
    """Opener of files that only their owner may read."""
    return os.open(path, flags, mode=0o600)


def _emptied(folder: Path) -> Path:
    for private in (folder.parent.parent, folder.parent):
        private.mkdir(mode=0o700, parents=True, exist_ok=True)
        private.chmod(0o700)
    for left in (folder, folder.with_name(f"{folder.name}.replaced")):
        shutil.rmtree(left, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def _swap(places: dict[Path, Path]) -> None:
    """Move each folder to its place; if one cannot be moved, all go back."""
    replaced = {place: aside.with_name(f"{place.name}.replaced") for aside, place in places.items()}
    with ExitStack() as undo:
        for aside, place in places.items():
            if place.exists():
                undo.callback(place.rename(replaced[place]).rename, place)
            undo.callback(aside.rename(place).rename, aside)
        undo.pop_all()
    for folder in replaced.values():
        shutil.rmtree(folder, ignore_errors=True)
