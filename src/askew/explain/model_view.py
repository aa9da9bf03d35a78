"""A model as explanations see it: a table with features in, numbers inside, a score out."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from narwhals.dependencies import is_into_dataframe
from numpy.typing import NDArray

from askew.base import DeepDetector
from askew.base.fitted_parameters import require_fitted
from askew.base.prepared import raw_columns
from askew.base.wrapper import require_table, unwrap
from askew.errors import InvalidInputError, must

Rows = NDArray[np.float64]

_CODES = 256
"""Codes decoded at a time: the activations of convolutions need room."""


class RowsInView(NamedTuple):
    """Rows as they were given, as the numbers that the detector gets, and their scores."""

    source: Any
    numbers: Rows
    scores: Rows

    def base(self, contributions: Rows) -> Rows:
        """Return the part of each score that no contribution (n, features) is charged with, (n,)."""
        with np.errstate(invalid="ignore"):  # the score of a row beyond all numbers is -inf
            return np.asarray(self.scores - contributions.sum(axis=1))


class ModelView:
    """A fitted model, with or without wrappers, seen from its numbers.

    `detector` is the innermost one, `features` are the columns that the model takes, and `groups` the numbers that
    each of them is turned into.
    """

    def __init__(self, model: Any) -> None:
        require_table(model, "what is explained", or_images=True)
        self.model, self.detector = model, unwrap(model)
        raw = raw_columns(model)
        self._preparation = None if raw is None else raw.preparation
        given = getattr(self.detector, "feature_names_in_", None) if raw is None else raw.names
        names = None if given is None else [str(name) for name in given]
        if self._preparation is None:
            width = self.detector.n_features_in_
            self.features = tuple(f"x{place}" for place in range(width)) if names is None else tuple(names)
            self.groups = [np.array([place]) for place in range(width)]
        else:
            # in the table's order; a column without information may become no number at all
            of = np.array(self._preparation.feature_of)
            self.features = tuple(name for name in names or () if name in set(of))
            self.groups = [np.flatnonzero(of == name) for name in self.features]

    def rows(self, X: Any) -> RowsInView:
        """Return rows of the table with their numbers and scores."""
        numbers = self.numbers(X)
        return RowsInView(X, numbers, self.score(numbers))

    def numbers(self, X: Any) -> Rows:
        """Return the numbers that the detector gets for rows of the table, (n, numbers)."""
        if self._preparation is None:
            return self.detector._validated(X)
        return np.asarray(self._preparation.transform(X), dtype=np.float64)

    def table(self, X: Any, numbers: Rows) -> pd.DataFrame:
        """Return the features of X as a pandas DataFrame, whose numbers are given."""
        if self._preparation is None:
            index = X.index if isinstance(X, pd.DataFrame) else None
            return pd.DataFrame(numbers, columns=list(self.features), index=index)
        return _pandas(X)[list(self.features)]

    def score(self, numbers: Rows) -> Rows:
        """Return the scores of rows of numbers, (n,)."""
        return self.detector._score_rows(numbers)

    @property
    def prepared(self) -> bool:
        """Whether the table is turned into other numbers before the detector sees it."""
        return self._preparation is not None

    @property
    def reconstructs(self) -> bool:
        """Whether the detector says what it expects of a row."""
        return isinstance(self.detector, DeepDetector) and self.detector._expected(*self._probe()) is not None

    @property
    def has_terms(self) -> bool:
        """Whether the score is a sum over features."""
        return isinstance(self.detector, DeepDetector) and self.detector._terms(*self._probe()) is not None

    @property
    def decodes(self) -> bool:
        """Whether the detector makes something of any point among its codes."""
        if not self.reconstructs:  # its codes may be of another kind
            return False
        member, rows = self._probe()
        return self.detector._decode(member, self.detector._codes(member, rows)) is not None

    def _probe(self) -> tuple[Any, torch.Tensor]:
        detector: Any = self.detector
        rows = torch.zeros(1, detector.n_numbers_, device=detector.device)
        return detector.members_[0], rows.to(detector._preparation.dtype)

    def reconstruct(self, numbers: Rows) -> Rows:
        """Return what the members expect of rows on average, (n, numbers); only if :attr:`reconstructs`."""
        detector: Any = self.detector
        parts = [detector._chunked(partial(detector._expected, m), numbers) for m in detector.members_]
        return np.asarray(detector._preparation.restored(np.mean(parts, axis=0)))

    def between(self, first: Rows, last: Rows, shares: Rows) -> Rows:
        """Return what the members make on average of points between codes, (pairs, steps, numbers).

        The points are at `shares` (steps,) of the straight way from the code of the first row of each pair, (pairs,
        numbers), to that of the last. Only if it :attr:`decodes`.
        """
        parts = [self._between(member, first, last, shares) for member in self.detector.members_]
        detector: Any = self.detector
        made: Rows = detector._preparation.restored(np.mean(parts, axis=0))
        return made.reshape(len(first), len(shares), -1)

    def _between(self, member: Any, first: Rows, last: Rows, shares: Rows) -> Rows:
        detector: Any = self.detector
        ends = [detector._chunked(partial(detector._codes, member), rows)[:, None] for rows in (first, last)]
        codes = (ends[0] + shares[:, None] * (ends[1] - ends[0])).reshape(-1, ends[0].shape[-1])
        with torch.no_grad():
            points = torch.from_numpy(codes).to(detector.device, detector._preparation.dtype)
            found = [detector._decode(member, part).cpu().numpy() for part in torch.split(points, _CODES)]
        return np.concatenate(found).astype(np.float64)


def require_images(model: Any, owner: str) -> None:
    """Raise InvalidInputError unless `model`, given to the function `owner`, was fitted on images."""
    require_fitted(model)
    if getattr(unwrap(model), "image_shape_", None) is None:
        remedy = "Use explain for a model of tables."
        raise InvalidInputError(must("model", owner, "fitted on images", model, remedy))


def _pandas(X: Any) -> pd.DataFrame:
    import narwhals as nw

    if isinstance(X, pd.DataFrame) or not is_into_dataframe(X):
        return pd.DataFrame(X)
    frame: pd.DataFrame = nw.from_native(X, eager_only=True).to_pandas()
    return frame
