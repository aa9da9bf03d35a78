"""Files made to do harm: each is refused in one line, runs no code, writes nothing, and takes little time and memory.

``hostile_*.py`` make them, `sandbox.py` watches what the command does.
"""

import re
from pathlib import Path

import hostile_good
import hostile_models
import hostile_others
import hostile_parts
import hostile_tables
import pytest

from forks import Forks

SANDBOX = (Path(__file__).parent / "sandbox.py").read_text()
MAKERS = (hostile_models, hostile_parts, hostile_tables, hostile_others)
CASES = [case for maker in MAKERS for case in maker.cases()]
HARMLESS = [*hostile_others.harmless()]
SECONDS, MEGABYTES = 5.0, 1024


@pytest.fixture(scope="module")
def processes():
    started = Forks("hostile_warm_up")
    yield started
    started.stop()


@pytest.fixture(scope="module")
def good_files(tmp_path_factory):
    """Return names and contents of what a command needs beside the hostile file."""
    folder = tmp_path_factory.mktemp("good")
    hostile_good.write_good(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes() if path.is_file() and not path.is_symlink() else None
        for path in folder.rglob("*")
    }


@pytest.fixture
def meet(processes, tmp_path, good_files):
    """Return a function that runs a case and returns its outcome, what was noted, and what changed in the folder."""

    def meet(case):
        folder = tmp_path / "in" / "side"
        folder.mkdir(parents=True)
        for name, data in good_files.items():
            (folder / name).write_bytes(data)
        case.write(folder)
        before = contents(tmp_path / "in")
        done = processes.start(SANDBOX, tmp_path / "notes", *case.words.split(), folder=folder).wait()
        notes = (tmp_path / "notes").read_text() if (tmp_path / "notes").exists() else ""
        after = contents(tmp_path / "in")
        return done, notes, {path for path in before | after if before.get(path, 0) != after.get(path, 0)}

    return meet


def assert_cheap(notes):
    *deeds, used = notes.splitlines()
    assert deeds == []
    seconds, megabytes = re.match(r"used ([\d.]+) s, (\d+) MB", used).groups()
    assert float(seconds) < SECONDS and int(megabytes) < MEGABYTES, used


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_is_refused_in_one_line(case, meet):
    done, notes, changed = meet(case)
    assert done.returncode == 2, (done.returncode, done.stderr, notes)
    *before, error = done.stderr.splitlines()
    assert re.fullmatch(r"error: .{10,3000}", error) and "(unexpected" not in error, done.stderr
    assert all(case.own == "session" and line.startswith(("Opening", "note: ")) for line in before)
    assert done.stdout == "" and {path for path in changed if case.own not in path.parts} == set()
    assert_cheap(notes)


@pytest.mark.parametrize("case", HARMLESS, ids=lambda case: case.name)
def test_it_does_not_say_where_we_write(case, meet):
    done, notes, changed = meet(case)
    assert done.returncode == 0, (done.stderr, notes)
    assert {path.name for path in changed} == set(case.own.split())
    assert_cheap(notes)


def test_there_are_two_hundred_at_least():
    names = [case.name for case in (*CASES, *HARMLESS)]
    assert len(names) >= 400 and len(set(names)) == len(names)
