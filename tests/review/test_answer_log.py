"""The log: lines stay, in order, whoever writes them, whatever ends the process."""

import os
import signal
import sqlite3

import pytest

from askew.errors import DataFileError, InvalidInputError
from askew.review.answer_log import AnswerLog, LogLine

LINE = LogLine(
    "answer",
    "ann",
    ids=(3, "a/ü.png"),
    answers=("anomaly", "skip"),
    reason='says "=1"\nand more',
    model=2,
    seen=({"score": -1.5, "drivers": [{"column": "x", "observed": None}]}, {}),
    more={"blind": True},
)


def test_a_line_comes_back_as_it_was_written(tmp_path):
    written = AnswerLog(tmp_path / "log.db").append(LINE)
    (found,) = AnswerLog(tmp_path / "log.db").after(0)
    assert found == written
    assert found.number == 1
    assert found.at.endswith("+00:00")
    assert (found.ids, found.answers, found.reason, found.seen) == (
        LINE.ids,
        LINE.answers,
        LINE.reason,
        LINE.seen,
    )
    assert AnswerLog(tmp_path / "log.db").after(1) == []


@pytest.mark.parametrize("statement", ["UPDATE lines SET reason = 'x'", "DELETE FROM lines"])
def test_no_line_can_be_changed_or_removed(tmp_path, statement):
    AnswerLog(tmp_path / "log.db").append(LINE)
    with sqlite3.connect(tmp_path / "log.db") as other, pytest.raises(sqlite3.IntegrityError, match="stay"):
        other.execute(statement)


def test_what_is_no_log_is_refused(tmp_path):
    (tmp_path / "noise").write_bytes(b"noise" * 999)
    with sqlite3.connect(tmp_path / "foreign") as other:
        other.execute("CREATE TABLE t(x)")
    AnswerLog(tmp_path / "newer").close()
    with sqlite3.connect(tmp_path / "newer") as other:
        other.execute("PRAGMA user_version = 99")
    for name, match in (
        ("noise", "not a database"),
        ("foreign", "another program"),
        ("newer", "version 99 of a newer askew"),
        ("no/folder", "unable to open"),
    ):
        with pytest.raises(DataFileError, match=match):
            AnswerLog(tmp_path / name)


def test_a_line_that_cannot_be_written_is_not_recorded(tmp_path):
    log = AnswerLog(tmp_path / "log.db")
    log._connection.execute("PRAGMA max_page_count = 1")  # a full disk
    with pytest.raises(InvalidInputError, match=r"log .*log\.db must be .* full.*Nothing was recorded"):
        for _ in range(200):
            log.append(LINE)
    n = len(log.after(0))
    log._connection.execute("PRAGMA max_page_count = 1000000")
    assert log.append(LINE).number == n + 1


def test_a_log_that_was_closed_says_so(tmp_path):
    log = AnswerLog(tmp_path / "log.db")
    log.close()
    for use in (lambda: log.append(LINE), lambda: log.after(0)):
        with pytest.raises(InvalidInputError, match=r"session must be open; .* Open it again"):
            use()


WRITER = """
import sys
from pathlib import Path
from askew.review.answer_log import AnswerLog, LogLine
log, who = AnswerLog(Path(sys.argv[1])), sys.argv[2]
for i in range(int(sys.argv[3])):
    line = log.append(LogLine("answer", who, ids=(i,), answers=("anomaly",)))
    print(line.number, flush=True)
"""


def test_killed_while_it_writes_nothing_that_was_confirmed_is_lost(forks, tmp_path):
    child = forks.start(WRITER, tmp_path / "log.db", "ann", 100_000, folder=tmp_path)
    confirmed = [int(child.stdout.readline()) for _ in range(20)]
    os.kill(child.pid, signal.SIGKILL)
    confirmed += [int(line) for line in child.wait().stdout.splitlines() if line]
    log = AnswerLog(tmp_path / "log.db")
    lines = log.after(0)
    assert confirmed == list(range(1, len(confirmed) + 1))
    assert len(confirmed) <= len(lines) <= len(confirmed) + 1  # one may be on the disk before it was said
    assert [line.ids for line in lines] == [(i,) for i in range(len(lines))]
    assert log.append(LINE).number == len(lines) + 1


TWO_WRITERS = f"""
import os
second = os.fork()
who = "ann" if second else "ben"
sys_argv = __import__("sys").argv
sys_argv[2:] = [who, "50"]
{WRITER}
if second:
    os.waitpid(second, 0)
"""


def test_processes_that_write_at_once_lose_nothing(forks, tmp_path):
    log = AnswerLog(tmp_path / "log.db")
    others = forks.start(TWO_WRITERS, tmp_path / "log.db", folder=tmp_path)
    numbers = [log.append(LogLine("answer", "me", ids=(i,))).number for i in range(50)]
    outcome = others.wait()
    assert outcome.stderr == ""
    numbers += [int(line) for line in outcome.stdout.split()]
    lines = log.after(0)
    assert sorted(numbers) == [line.number for line in lines] == list(range(1, 151))
    for name in ("ann", "ben", "me"):
        assert [line.ids for line in lines if line.reviewer == name] == [(i,) for i in range(50)]
