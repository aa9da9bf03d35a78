"""The log of a session: an SQLite file to which lines are only added, each on disk before it counts."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from askew.errors import DataFileError, InvalidInputError

FORMAT = 1
"""Raised when an older askew could misread a log."""

_MARK = 0x61736B65  # "aske": application_id of the file
_PATIENCE = 60.0  # seconds to wait for another process that writes
_TABLE = """
CREATE TABLE lines(
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    ids TEXT NOT NULL,
    answers TEXT NOT NULL,
    reason TEXT NOT NULL,
    model INTEGER NOT NULL,
    seen TEXT NOT NULL,
    more TEXT NOT NULL
);
CREATE TRIGGER lines_stay BEFORE UPDATE ON lines BEGIN SELECT RAISE(ABORT, 'lines of the log stay'); END;
CREATE TRIGGER lines_remain BEFORE DELETE ON lines BEGIN SELECT RAISE(ABORT, 'lines of the log stay'); END;
"""


@dataclass(frozen=True)
class LogLine:
    """A line: what a reviewer did to which rows, under which model, what they were shown, and more by its kind.

    `number` and `at` (UTC, ISO 8601) are given by the log.
    """

    kind: str
    reviewer: str
    ids: tuple[int | str, ...] = ()
    answers: tuple[str, ...] = ()
    reason: str = ""
    model: int = 1
    seen: tuple[dict[str, Any], ...] = ()
    more: dict[str, Any] = field(default_factory=dict)
    number: int = 0
    at: str = ""


class AnswerLog:
    """A log in a file, or in memory without one; several processes and threads may write to one file at once.

    A file that is no log, or one of a newer askew, raises DataFileError; a line that cannot be written (a full disk,
    a file that became read-only) InvalidInputError, and nothing is recorded then.

    >>> log = AnswerLog(None)
    >>> log.append(LogLine("answer", "ann", ids=(7,), answers=("anomaly",))).number
    1
    >>> [(line.reviewer, line.ids, line.answers) for line in log.after(0)]
    [('ann', (7,), ('anomaly',))]
    """

    def __init__(self, path: Path | None) -> None:
        self._where = "in memory" if path is None else str(path)
        self._lock = threading.Lock()
        try:
            if path is not None and path.exists() and path.stat().st_size:
                _refuse_foreign(path)
            self._connection = sqlite3.connect(
                ":memory:" if path is None else path,
                timeout=_PATIENCE,
                isolation_level=None,
                check_same_thread=False,
            )
            self._prepare()
        except sqlite3.Error as error:
            raise DataFileError(
                f"log {self._where} must be an SQLite file that askew wrote, in a folder that can be written to; "
                f"got {str(error)!r}. Name another folder, or mend this one."
            ) from error

    def append(self, line: LogLine) -> LogLine:
        """Add a line and return it with its number and time; it is on the disk when this returns."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        parts = (line.ids, line.answers, line.seen, line.more)
        ids, answers, seen, more = (json.dumps(part, ensure_ascii=False) for part in parts)
        values = (at, line.kind, line.reviewer, ids, answers, line.reason, line.model, seen, more)
        columns = "at, kind, reviewer, ids, answers, reason, model, seen, more"
        with self._lock, self._transaction():
            made = self._connection.execute(f"INSERT INTO lines({columns}) VALUES(?,?,?,?,?,?,?,?,?)", values)
            number = int(made.lastrowid or 0)
        return replace(line, number=number, at=at)

    def after(self, number: int) -> list[LogLine]:
        """Return the lines after one, in order, whoever wrote them."""
        columns = "kind, reviewer, ids, answers, reason, model, seen, more, number, at"
        query = f"SELECT {columns} FROM lines WHERE number > ? ORDER BY number"
        with self._lock, self._in_words():
            return [self._line(row) for row in self._connection.execute(query, (number,))]

    def _line(self, row: tuple[Any, ...]) -> LogLine:
        try:
            return _line(row)
        except (ValueError, TypeError, RecursionError) as error:
            raise DataFileError(
                f"line {row[-2]!r:.20} of the log {self._where} must be as askew wrote it; got another. Use a copy of "
                "the folder from before, or name another folder."
            ) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _prepare(self) -> None:
        run = self._connection.execute
        run("PRAGMA trusted_schema = OFF")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")  # a line is on the disk when its transaction ends, power cuts or not
        with self._transaction():
            mark, version = (
                run(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
            )
            if not _parts(self._connection):
                for statement in _statements(_TABLE):
                    run(statement)
                run(f"PRAGMA application_id = {_MARK}")
                run(f"PRAGMA user_version = {FORMAT}")
            elif mark != _MARK:
                raise sqlite3.DatabaseError("a database of another program")
            elif version > FORMAT:
                raise sqlite3.DatabaseError(f"version {version} of a newer askew")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._in_words():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Say in words what SQLite cannot do with a file that is a log."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise InvalidInputError(
                f"log {self._where} must be a file that can be written to; got {str(error)!r}. Nothing was "
                "recorded: make room or give permission, and answer again."
            ) from error
        except sqlite3.ProgrammingError as error:
            raise InvalidInputError(
                f"session must be open; its log {self._where} was closed. Open it again with the same folder."
            ) from error


def _refuse_foreign(path: Path) -> None:
    """Raise DatabaseError for a database that is none of ours, before anything is written to it.

    One with further tables, views or triggers is none of ours: these would be run by our own reading and writing.
    """
    with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)) as connection:
        found = _parts(connection)
        mark = connection.execute("PRAGMA application_id").fetchone()[0]
    if found and mark != _MARK:
        raise sqlite3.DatabaseError("a database of another program")
    ours = [" ".join(statement.split()).rstrip(";") for statement in _statements(_TABLE)]
    if found and [" ".join(str(sql).split()) for sql in found] != ours:
        raise sqlite3.DatabaseError("other tables than those of a log")


def _parts(connection: sqlite3.Connection) -> list[str]:
    """Return what made the tables, views and triggers of a database."""
    query = "SELECT sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid"
    return [sql for (sql,) in connection.execute(query)]


def _statements(script: str) -> Sequence[str]:
    """Return the statements of a script one by one, so that they can stand in a transaction."""
    found, text = [], ""
    for line in script.strip().splitlines():
        text += line + "\n"
        if sqlite3.complete_statement(text):
            found.append(text)
            text = ""
    return found


def _line(row: tuple[Any, ...]) -> LogLine:
    """Return a row of the file as a line; raise ValueError or TypeError if it is none."""
    kind, reviewer, ids, answers, reason, model, seen, more, number, at = row
    lists = tuple(tuple(json.loads(text)) for text in (ids, answers, seen))
    about = json.loads(more)
    texts = (kind, reviewer, reason, at, *lists[1])
    fits = all(isinstance(text, str) for text in texts) and all(type(n) is int for n in (model, number))
    named = all(type(id) in (int, str) for id in lists[0]) and all(
        isinstance(each, dict) for each in lists[2]
    )
    if not (fits and named and isinstance(about, dict) and len(lists[0]) >= len(lists[1])):
        raise ValueError("not a line")
    return LogLine(kind, reviewer, lists[0], lists[1], reason, model, lists[2], about, number, at)
