"""A file is its old version or its new one."""

import pytest

from passerelle.atomic import write_atomically


def test_a_write_replaces_the_whole_file_with_the_asked_permissions(tmp_path):
    path = tmp_path / "report.html"
    path.write_bytes(b"old")
    write_atomically(path, b"new", mode=0o600)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_write_that_cannot_finish_leaves_the_old_file_and_no_litter(tmp_path):
    path = tmp_path / "report.html"
    path.write_bytes(b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "not bytes")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
