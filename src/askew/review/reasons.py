"""Why rows have their scores: the three columns, or squares of an image, that drove each; kept once worked out."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from askew.base.image_explanation import ImageExplanation
from askew.errors import InvalidInputError
from askew.review.questions import Driver, Place
from askew.review.rows import ReviewRows
from askew.review.scored_rows import ScoredRows
from askew.scoring.reasons import as_python

TOP = 3
"""Columns or squares that are told."""

_USUAL = 200  # rows that pass and stand for what is usual
_KEPT = 1000  # rows whose reasons are kept


class Why(NamedTuple):
    """What lowered a row's score most, the worst first; of an image also the image that was to be expected."""

    drivers: tuple[Driver | Place, ...]
    expected: NDArray[np.float64] | None = None


class Reasons:
    """Reasons for rows by the models of a session, worked out when asked for. A model that cannot say has none."""

    def __init__(self, rows: ReviewRows, seed: int) -> None:
        self._rows, self._seed = rows, seed
        self._kept: OrderedDict[tuple[int, int], Why] = OrderedDict()
        self._lock = threading.Lock()
        self._usual: tuple[int, Any] | None = None  # by the number of the model

    def of(self, scored: ScoredRows, rows: Sequence[int]) -> list[Why]:
        """Return the reasons of some rows; those that are not known yet are worked out together."""
        known = [each for row in rows if (each := self.known(scored, row)) is not None]
        if len(known) == len(rows):
            return known  # at once, also while those of other rows are worked out
        with self._lock:
            new = [row for row in dict.fromkeys(rows) if (scored.number, row) not in self._kept]
            if new:
                for row, why in zip(new, self._explained(scored, new), strict=True):
                    self._kept[scored.number, row] = why
            found = [self._kept[scored.number, row] for row in rows]
            while len(self._kept) > max(_KEPT, len(rows)):
                self._kept.popitem(last=False)
            return found

    def known(self, scored: ScoredRows, row: int) -> Why | None:
        """Return the reasons of a row if they were worked out already."""
        return self._kept.get((scored.number, row))

    def _explained(self, scored: ScoredRows, rows: list[int]) -> list[Why]:
        from askew.explain import explain

        try:
            why = explain(scored.model, self._rows.take(rows), background=self._background(scored))
        except InvalidInputError:  # too few rows pass, or a method that cannot be explained
            return [Why(()) for _ in rows]
        lines = why.top(TOP).to_dict("records")
        place_of = {name: place for place, name in enumerate(why.rows)}
        found: list[list[Driver | Place]] = [[] for _ in rows]
        for line in lines:
            drivers = found[place_of[line["row"]]]
            share = float(line["share"])
            if isinstance(why, ImageExplanation):
                top, left, height, width = (int(line[key]) for key in ("top", "left", "height", "width"))
                drivers.append(Place(top, left, height, width, share))
            else:
                observed, expected = (as_python(line[key]) for key in ("observed", "expected"))
                drivers.append(Driver(str(line["feature"]), observed, expected, share))
        expected_of = why.expected if isinstance(why, ImageExplanation) else [None] * len(rows)
        return [Why(tuple(drivers), made) for drivers, made in zip(found, expected_of, strict=True)]

    def _background(self, scored: ScoredRows) -> Any:
        """Return rows that pass, drawn once per model, or None if the model flags all but a few."""
        if self._usual is None or self._usual[0] != scored.number:
            passing = np.flatnonzero(~scored.flagged)
            if len(passing) > _USUAL:
                passing = np.sort(np.random.default_rng(self._seed).choice(passing, _USUAL, replace=False))
            self._usual = scored.number, self._rows.take(passing.tolist()) if len(passing) else None
        return self._usual[1]
