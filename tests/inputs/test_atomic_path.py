"""Output files are whole or absent, and whatever was there before survives a failure."""

import errno
import os
import stat
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from askew.errors import InvalidInputError
from askew.inputs import atomic, atomic_path, check_writable
from askew.inputs.atomic import make_folder, remove_orphans, sync_folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_file_appears_only_when_the_block_is_done(tmp_path):
    target = tmp_path / "scores.csv"
    with atomic_path(target) as temporary:
        temporary.write_text("new")
        assert not target.exists()
        assert temporary.parent == tmp_path and temporary.suffix == ".csv"
    assert target.read_text() == "new"
    assert names(tmp_path) == ["scores.csv"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_failure_keeps_the_old_file_and_leaves_no_other(tmp_path, error):
    target = tmp_path / "scores.csv"
    target.write_text("old")
    with pytest.raises(error), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise error
    assert target.read_text() == "old"
    assert names(tmp_path) == ["scores.csv"]


def test_failure_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="early"), atomic_path(tmp_path / "a") as _:
        raise ValueError("early")
    assert names(tmp_path) == []


def test_permissions_of_the_replaced_file_are_kept(tmp_path):
    target = tmp_path / "secret.csv"
    target.write_text("old")
    target.chmod(0o600)
    with atomic_path(target) as temporary:
        temporary.write_text("new")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_new_file_has_ordinary_permissions(tmp_path):
    plain, target = tmp_path / "plain", tmp_path / "target"
    plain.write_text("")
    with atomic_path(target) as temporary:
        temporary.write_text("new")
        temporary.chmod(0o600)  # as safetensors does
    assert target.stat().st_mode == plain.stat().st_mode


def test_symbolic_link_stays_a_link(tmp_path):
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    link.symlink_to(real)
    with atomic_path(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink() and real.read_text() == "new"


def test_longest_file_name_fits(tmp_path):
    target = tmp_path / ("n" * 251 + ".csv")
    with atomic_path(target) as temporary:
        temporary.write_text("new")
    assert target.read_text() == "new"


@pytest.mark.parametrize(
    ("path", "fragment"),
    [
        (".", "must be a file; got a folder"),
        ("missing/scores.csv", "there is no folder"),
        ("/dev/null", "must be a regular file"),
    ],
)
def test_refused_places(tmp_path, monkeypatch, path, fragment):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInputError, match=fragment):
        check_writable(path)
    assert names(tmp_path) == []


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that even root cannot write to")
def test_folder_that_cannot_be_written_to():
    with pytest.raises(
        InvalidInputError, match=r"must be in a folder that can be written to; got .* for /proc"
    ):
        check_writable("/proc/model.askew")


def test_source_cannot_be_the_output(tmp_path):
    data, link = tmp_path / "data.csv", tmp_path / "link.csv"
    data.write_text("a\n1\n")
    link.symlink_to(data)
    for output in (data, link):
        with pytest.raises(InvalidInputError, match="another file than the input"):
            check_writable(output, sources=[tmp_path / "absent", data])


def test_check_leaves_nothing_behind(tmp_path):
    target = tmp_path / "a.csv"
    assert check_writable(target) == Path(os.path.realpath(target))
    assert names(tmp_path) == []


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    with atomic_path(tmp_path / "a.csv") as temporary:
        temporary.write_text("mine")
        orphan = tmp_path / temporary.name.replace(f"-{os.getpid()}-", f"-{gone.pid}-")
        orphan.write_text("half")
        foreign = tmp_path / f".askew-00000000-{gone.pid}-00000000.partial.csv"
        foreign.write_text("of another machine")
        with atomic_path(tmp_path / "b.csv") as other:
            other.write_text("b")
        assert temporary.exists()
    assert names(tmp_path) == [foreign.name, "a.csv", "b.csv"]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="asks /proc what was synced")
def test_file_then_name_are_on_the_disk_when_the_block_is_left(tmp_path, monkeypatch):
    done, sync, replace = [], os.fsync, os.replace

    def synced(number):
        done.append(("sync", os.readlink(f"/proc/self/fd/{number}")))
        sync(number)

    def replaced(source, target):
        done.append(("rename", str(target)))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    with atomic_path(tmp_path / "a.csv") as temporary:
        temporary.write_text("new")
    assert done == [
        ("sync", str(temporary)),
        ("rename", str(tmp_path / "a.csv")),
        ("sync", str(tmp_path)),
    ]
    done.clear()
    make_folder(tmp_path / "x" / "y")
    assert done == [("sync", str(tmp_path / "x")), ("sync", str(tmp_path))]


@pytest.mark.parametrize(("number", "fails"), [(errno.EINVAL, False), (errno.EIO, True)])
def test_a_file_system_that_cannot_sync_folders_is_one_thing_and_a_broken_disk_another(
    tmp_path, monkeypatch, number, fails
):
    def sync(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises(OSError, match="Input/output") if fails else nullcontext():
        sync_folder(tmp_path)


@pytest.mark.parametrize("jump", [-400, 6, 400], ids=lambda days: f"{days} days")
def test_a_clock_that_jumps_takes_no_file_from_a_process_that_writes_it(tmp_path, monkeypatch, jump):
    clock = time.time
    foreign = tmp_path / ".askew-00000000-7-00000000.partial.csv"  # of another machine that shares the folder
    with atomic_path(tmp_path / "a.csv") as temporary:
        temporary.write_text("mine")
        foreign.write_text("half")
        monkeypatch.setattr(time, "time", lambda: clock() + 86400 * jump)
        remove_orphans(tmp_path)
        assert temporary.exists() and foreign.exists() == (jump < 7)
    assert (tmp_path / "a.csv").read_text() == "mine"


def test_a_signal_in_the_middle_of_a_probe_leaves_no_file_in_the_end(tmp_path, monkeypatch):
    probe = tmp_path / f"x-{os.getpid()}-1.partial"
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *given, **more: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            atomic._probe(probe)
    assert names(tmp_path) == [probe.name]
    atomic.remove_mine()
    assert names(tmp_path) == []
