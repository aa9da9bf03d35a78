"""Claims: a name has one owner at a time, in this process or another, and none when its owner is gone."""

import errno
import os
import subprocess
import sys

import pytest

from askew.distributed import claims
from askew.distributed.claims import NAME, Claims, is_marked
from askew.errors import InvalidInputError

OTHER = """
import sys
from pathlib import Path
from askew.distributed.claims import Claims
with Claims(Path(sys.argv[1])) as claims:
    print(claims.take(sys.argv[2:]), flush=True)
    sys.stdin.read()
"""


class Other:
    """Another process that claims names and keeps them until it is killed."""

    def __init__(self, folder, *names):
        env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        words = [sys.executable, "-c", OTHER, str(folder), *names]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(words, env=env, text=True, stdin=pipe, stdout=pipe)
        self.took = self.process.stdout.readline() == "True\n"

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.kill()
        self.process.communicate()


def test_another_process_has_what_it_claimed_until_it_is_killed(tmp_path):
    with Claims(tmp_path) as mine:
        assert mine.take(["a"])
        with Other(tmp_path, "b", "c") as other, Other(tmp_path, "d", "a") as third:
            assert other.took and not third.took
            assert not mine.take(["d", "b"]) and mine.take(["d"]) and mine.take(["a", "d"])
        assert mine.take(["b", "c"])
    assert list(tmp_path.iterdir()) == []


def test_claims_of_one_process_are_apart(tmp_path):
    with Claims(tmp_path) as first:
        assert first.take(["a"])
        with Claims(tmp_path) as second:
            assert not second.take(["a"])
        with Claims(tmp_path) as third:  # the end of the second took nothing from the first
            assert not third.take(["a"])
            first.release(["a", "never claimed"])
            third.wait("a")
            assert not first.take(["a"])


def test_a_file_that_was_removed_meanwhile_is_opened_anew(tmp_path):
    with Claims(tmp_path) as first:
        with Claims(tmp_path):
            pass
        assert not (tmp_path / NAME).exists()
        with Claims(tmp_path) as third:
            assert first.take(["a"]) and not third.take(["a"])


def test_a_folder_is_known_by_its_mark(tmp_path):
    (tmp_path / "other").mkdir()
    with Claims(tmp_path) as mine, Claims(tmp_path / "other") as other:
        assert is_marked(tmp_path, mine.mark) and not is_marked(tmp_path, other.mark)
    assert not is_marked(tmp_path, mine.mark or "gone")


def test_file_systems_without_locks_and_folders_without_files(tmp_path, monkeypatch):
    with (
        pytest.raises(InvalidInputError, match="must be a folder that can be written to"),
        Claims(tmp_path / "no"),
    ):
        pass

    def unable(*arguments):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(claims, "_set", unable)
    with Claims(tmp_path) as mine, Claims(tmp_path) as other:
        assert mine.take(["a"]) and other.take(["a"]) and not mine.are_kept
