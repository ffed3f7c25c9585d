"""A folder is swapped in whole, or not at all, and only its owner may look inside."""

from pathlib import Path

import pytest

from passerelle.reports.folder import file_stem, swapped_in, write_privately


def write_both(root: Path, content: bytes, *, then_fail: bool = False) -> None:
    with swapped_in(root / "a" / "week", root / "b" / "week") as folders:
        for folder in folders:
            write_privately(folder / "file", content)
        if then_fail:
            raise RuntimeError


def test_folders_appear_with_what_was_written_and_nothing_else(tmp_path: Path) -> None:
    write_both(tmp_path, b"first")
    with swapped_in(tmp_path / "a" / "week") as (folder,):
        write_privately(folder / "other", b"second")
    assert [path.name for path in (tmp_path / "a" / "week").iterdir()] == ["other"]
    assert (tmp_path / "b" / "week" / "file").read_bytes() == b"first"
    assert not list((tmp_path / "a" / "_writing").iterdir())


def test_nobody_else_may_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o755)
    write_both(tmp_path, b"private")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "a").rglob("*")}
    assert modes == {"_writing": 0o700, "week": 0o700, "file": 0o600}
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700


def test_a_failure_leaves_the_last_folders_as_they_were(tmp_path: Path) -> None:
    write_both(tmp_path, b"first")
    with pytest.raises(RuntimeError):
        write_both(tmp_path, b"half", then_fail=True)
    assert [(tmp_path / part / "week" / "file").read_bytes() for part in "ab"] == [b"first", b"first"]
    assert not list((tmp_path / "a" / "_writing").iterdir())


def test_a_failure_on_an_empty_place_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        write_both(tmp_path, b"half", then_fail=True)
    assert not (tmp_path / "a" / "week").exists()


@pytest.mark.parametrize("refused", ["a", "b"])
def test_a_swap_that_fails_puts_every_last_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    write_both(tmp_path, b"first")
    real = Path.rename

    def refusing(path: Path, target: Path) -> Path:
        if path == tmp_path / refused / "_writing" / "week":
            raise PermissionError
        return real(path, target)

    monkeypatch.setattr(Path, "rename", refusing)
    with pytest.raises(PermissionError):
        write_both(tmp_path, b"second")
    assert [(tmp_path / part / "week" / "file").read_bytes() for part in "ab"] == [b"first", b"first"]


def test_what_a_killed_run_left_aside_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / "a" / "_writing" / "week"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"half")
    write_both(tmp_path, b"whole")
    assert [path.name for path in (tmp_path / "a" / "week").iterdir()] == ["file"]


@pytest.mark.parametrize("owner", ["cch_0123456789abcdef", "AAA_2014J", "GNT-2026-02"])
def test_a_plain_identifier_is_its_own_file_name(owner: str) -> None:
    assert file_stem(owner) == owner


def test_other_identifiers_become_plain_and_stay_apart() -> None:
    owners = ["../../etc/passwd", "AAA/2014J", "AAA:2014J", "", ".", "-rf", "é" * 300, "a\nb", "C" * 65]
    stems = [file_stem(owner) for owner in owners]
    assert len(set(stems)) == len(owners)
    assert all(stem and stem.isascii() and stem.replace("-", "").isalnum() for stem in stems)
    assert all(len(stem) < 64 and not stem.startswith("-") for stem in stems)
