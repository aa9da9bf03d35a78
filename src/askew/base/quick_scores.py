"""Scores of many rows of a table, quickly: all members at once, in float32 where that does not show."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple, Self, final

import numpy as np
import torch
from numpy.typing import NDArray

from askew.base.detector import Scores
from askew.base.preparation.column_scaling import KNEE, Floats
from askew.base.preparation.table_rows import ColumnPreparation
from askew.base.recipe import Recipe
from askew.networks.scoring_stack import ScoringStack, scoring_stack
from askew.training import Member
from askew.training.recording import Recording, UnrecordableError

Score = Callable[[Floats], Scores]
"""Checked rows (n, d) -> their scores (n,)."""

TOLERANCE = 1e-6
"""Largest difference from scores in float64; of scores above 1 in size, relative to them."""

_FAR = KNEE
"""Rows with a prepared number beyond this are scored in float64: they are few, and they matter."""

_CHECKED = 256
"""Drawn rows on which the two ways are compared."""

_MARGIN = 8.0
"""Differences found on them that a score may lie from the cut-off, to be computed in float64."""

_LAYER = 1 << 19
"""Numbers of one layer that are computed at a time, at most: 2 MB stay in the processor's cache."""


class _Recorded(NamedTuple):
    """Prepared rows (features, rows), where their scores come, and what computes these."""

    prepared: NDArray[np.float32]
    found: NDArray[np.float32]
    recording: Recording


@final
class QuickScores:
    """Scores of a fitted detector of tables, by members that are computed together in float32.

    They differ from the detector's by at most :data:`TOLERANCE`. Rows far from the training rows, and those so near
    `cut` that it could change what is said of them, have the detector's own, `exact` scores. A score is the same
    whatever rows stand beside it: all are computed in blocks of one size, of which the last is filled up. How a block
    is scored is recorded once per thread, on memory that is its own.
    """

    def __init__(self, recipe: Recipe, member: Member, exact: Score, cut: float) -> None:
        self._recipe, self._member, self._exact, self._cut = recipe, member, exact, cut
        stacks = [each for each in member.networks.values() if isinstance(each, ScoringStack)]
        self._block = 1 << int(np.clip(np.log2(_LAYER / max(each.width for each in stacks)), 6, 11))
        self._margin, self._own = 0.0, threading.local()
        self._width = len(recipe._preparation.mean)

    @classmethod
    def of(cls, recipe: Recipe, exact: Score, cut: float) -> Self | None:
        """Return quick scores of a fitted detector, or None if it has none that agree with its own.

        It must say so (:attr:`~askew.base.recipe.Recipe.scores_together`), and have networks that
        :func:`~askew.networks.scoring_stack.scoring_stack` takes and columns that are scaled, on a processor.
        """
        preparation = recipe._preparation
        if not recipe.scores_together or not isinstance(preparation, ColumnPreparation):
            return None
        member = _all_at_once(recipe.members_)
        if member is None or any(each.device.type != "cpu" for each in member.constants.values()):
            return None
        quick = cls(recipe, member, exact, np.nan)
        columns = preparation.columns.restored(_drawn_rows(len(preparation.mean)))
        wanted = exact(columns)
        try:
            found, _ = quick._rounded(columns.T)
        except UnrecordableError:
            return None
        difference = np.abs(found - wanted) / np.maximum(1.0, np.abs(wanted))
        if not difference.max() <= TOLERANCE:
            return None
        quick._cut, quick._margin = cut, _MARGIN * float(difference.max()) * max(1.0, abs(cut))
        return quick

    def __call__(self, columns: Floats) -> Scores:
        """Return the scores (n,) of finite rows that stand by column, (n_features, n)."""
        scores, far = self._rounded(columns)
        doubtful = np.flatnonzero(far | (np.abs(scores - self._cut) <= self._margin))
        if len(doubtful):
            scores[doubtful] = self._exact(np.ascontiguousarray(columns[:, doubtful].T))
        return scores

    def _rounded(self, columns: Floats) -> tuple[Scores, NDArray[np.bool_]]:
        """Return scores in float32, and which rows are too far out for them."""
        (width, n_rows), block = columns.shape, self._block
        scores, far = np.empty(n_rows), np.empty(n_rows, dtype=bool)
        exact, (prepared, found, recording) = np.zeros((width, block)), self._recorded()
        scaling = self._recipe._preparation.columns  # type: ignore[attr-defined]
        for start in range(0, n_rows, block):
            some = slice(start, start + block)
            part = exact[:, : len(scores[some])]
            scaling.scale_columns(columns[:, some], part)
            far[some] = ~(np.abs(part).max(axis=0) <= _FAR)
            prepared[:, : part.shape[1]] = part
            recording.replay()
            scores[some] = found[: part.shape[1]]
        return scores, far

    def _recorded(self) -> _Recorded:
        """Return this thread's own memory of a block, and what scores it."""
        if (mine := getattr(self._own, "recorded", None)) is None:
            prepared, found = torch.zeros(self._width, self._block), torch.empty(self._block)
            rows = prepared.mT.unsqueeze(0)  # (1, rows, features), a view
            with torch.no_grad():
                recording = Recording(lambda: [self._recipe._row_scores(self._member, rows).mean(0)], [found])
            mine = self._own.recorded = _Recorded(prepared.numpy(), found.numpy(), recording)
        return mine


def _all_at_once(members: list[Member]) -> Member | None:
    """Return the members as one, its networks' outputs (members, rows, width), in float32; None if they cannot be."""
    stacks = {}
    for name in members[0].networks:
        stack = scoring_stack([member.networks[name] for member in members], torch.float32)
        if stack is None:
            return None
        stacks[name] = stack
    constants = {
        name: torch.stack([member.constants[name] for member in members]).float()
        for name in members[0].constants
    }
    return Member(0, 0, dict(stacks), constants)


def _drawn_rows(width: int) -> Floats:
    """Return prepared rows from the middle of the training rows to as far out as scores may be rounded."""
    rng = np.random.default_rng(0)
    spread = np.geomspace(0.1, _FAR / 3.0, _CHECKED)
    drawn: Floats = np.clip(spread[:, None] * rng.standard_normal((_CHECKED, width)), -_FAR, _FAR)
    return drawn
