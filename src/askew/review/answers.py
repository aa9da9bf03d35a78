"""What the lines of a log come to: the answers that stand, who differs, which labels follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from askew.labels import Labels, ours
from askew.review.answer_log import LogLine
from askew.review.asking import REASONS
from askew.review.questions import Answer, RowId, Said

LABELS = {"anomaly": -1, "normal": 1, "unsure": 0}
"""The label that an answer stands for."""

ASKED = tuple(REASONS)
"""Reasons of questions that the session itself chose."""


class Standing(NamedTuple):
    """An answer that counts: what was said, in which line, why the row was asked, and whether others were hidden.

    Of a random question about a row that was flagged, `draw` are the counts of a
    :class:`~askew.review.estimates.FlaggedDraw`.
    """

    said: Said
    number: int
    why: str
    blind: bool
    draw: tuple[int, ...] | None


class Answers:
    """The answers of a log, for rows that `row_of` finds by their names; it returns None for a row that is not there.

    A later answer of a person takes the place of their earlier one; a skip takes no answer away. What was undone does
    not count, an undo that was itself undone neither.
    """

    def __init__(
        self, lines: Iterable[LogLine], row_of: Callable[[RowId], int | None], given: NDArray[np.int8]
    ) -> None:
        self.lines = list(lines)
        self.undone = _undone(self.lines)
        self._row_of, self._given = row_of, given
        self.standing: dict[int, dict[str, Standing]] = {}
        """By row and by reviewer."""
        self.skipped: dict[int, dict[str, Standing]] = {}
        """The same, of rows that a reviewer skipped and has not answered."""
        self.settled: dict[int, Said] = {}
        self._settled_in: dict[int, int] = {}  # line
        for line in self.active:
            self._take(line)

    @property
    def active(self) -> list[LogLine]:
        """The lines that count."""
        return [line for line in self.lines if line.number not in self.undone]

    def _take(self, line: LogLine) -> None:
        if line.kind not in ("answer", "import", "settle"):
            return
        for place, (id, answer) in enumerate(zip(line.ids, line.answers, strict=True)):
            row = self._row_of(id)
            if row is None:
                continue
            said = Said(line.reviewer, _answer(answer), line.at, line.reason)
            standing = _standing(line, place, said)
            if line.kind == "settle":
                self.settled[row], self._settled_in[row] = said, line.number
            elif answer == "skip":
                if line.reviewer not in self.standing.get(row, {}):
                    self.skipped.setdefault(row, {})[line.reviewer] = standing
            else:
                by_reviewer = self.standing.setdefault(row, {})
                before = by_reviewer.pop(line.reviewer, None)  # so that the newest is the last
                before = self.skipped.get(row, {}).pop(line.reviewer, before)
                if before is not None and before.why in ASKED:  # a second thought about the same question
                    standing = standing._replace(why=before.why, draw=before.draw)
                by_reviewer[line.reviewer] = standing

    @cached_property
    def first_answers(self) -> list[Standing]:
        """The answers that stand to questions that the session chose, in the order in which they were given."""
        found = [each for by in self.standing.values() for each in by.values() if each.why in ASKED]
        return sorted(found, key=lambda each: each.number)

    @cached_property
    def answered(self) -> NDArray[np.bool_]:
        """Rows with an answer of anybody, (n_rows,); "don't know" is one."""
        found = np.zeros(len(self._given), dtype=bool)
        found[list({*self.standing, *self.settled})] = True
        return found

    def answered_by(self, reviewer: str) -> NDArray[np.bool_]:
        """Return the rows with an answer of one person, (n_rows,)."""
        found = np.zeros(len(self._given), dtype=bool)
        found[[row for row, by in self.standing.items() if reviewer in by]] = True
        return found

    def skipped_by(self, reviewer: str) -> NDArray[np.bool_]:
        """Return the rows that a person skipped and has not answered since, (n_rows,)."""
        found = np.zeros(len(self._given), dtype=bool)
        found[[row for row, by in self.skipped.items() if reviewer in by]] = True
        return found

    def given_after(self, number: int) -> NDArray[np.bool_]:
        """Return the rows with an answer that was given, or settled, after a line of the log, (n_rows,)."""
        found = np.zeros(len(self._given), dtype=bool)
        found[
            [row for row, by in self.standing.items() if any(each.number > number for each in by.values())]
        ] = True
        found[[row for row, each in self._settled_in.items() if each > number]] = True
        return found

    @cached_property
    def differing(self) -> list[int]:
        """Rows that one person calls an anomaly and another, or the label in the data, normal."""
        return [
            row
            for row, by in sorted(self.standing.items())
            if len(_sides(by.values()) | {int(self._given[row])} - {0}) > 1
        ]

    def holds(self, row: int) -> int:
        """Return the label that the answers to a row come to: -1, +1, or 0 without one or where people differ.

        What was settled holds before all answers, and an answer before the label in the data.
        """
        if row in self.settled:
            return LABELS[self.settled[row].answer]
        sides = _sides(self.standing.get(row, {}).values())
        return sides.pop() if len(sides) == 1 else 0

    @cached_property
    def answers(self) -> NDArray[np.int8]:
        """What the answers to each row come to, int8 (n_rows,), without the labels in the data."""
        found = np.zeros(len(self._given), dtype=np.int8)
        for row in {*self.standing, *self.settled}:
            found[row] = self.holds(row)
        return found

    @cached_property
    def labels(self) -> Labels:
        """The labels of all rows, int8 (n_rows,): the answers, and else those in the data."""
        return ours(np.where(self.answered, self.answers, self._given).astype(np.int8))


def _standing(line: LogLine, place: int, said: Said) -> Standing:
    seen = line.seen[place] if place < len(line.seen) else {}
    draw = seen.get("draw")
    why, blind = str(seen.get("why", "opened")), bool(line.more.get("blind", False))
    return Standing(said, line.number, why, blind, None if draw is None else tuple(draw))


def _undone(lines: list[LogLine]) -> set[int]:
    """Return the numbers of the lines that do not count: undone, and not by an undo that was undone."""
    found: set[int] = set()
    for line in reversed(lines):
        if line.kind == "undo" and line.number not in found:
            found.add(int(line.more["of"]))
    return found


def _sides(standing: Iterable[Standing]) -> set[int]:
    """Return what was said without doubt: -1, +1 or both."""
    return {LABELS[each.said.answer] for each in standing} - {0}


def _answer(text: str) -> Answer:
    return text  # type: ignore[return-value]
