"""Tables of words, dates and gaps as rows of numbers: what the training rows taught stands in front."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from askew import labels
from askew.base.preparation.image_rows import checked_images, refuse_images
from askew.base.preparation.interface import RowInput, Rows
from askew.base.preparation.table_rows import ColumnPreparation
from askew.errors import ColumnWarning, InvalidInputError, must
from askew.inputs.column_names import listed
from askew.inputs.frames import frame_of
from askew.inputs.in_memory import is_images, to_arrow
from askew.inputs.mixed_tables import TablePreparation
from askew.inputs.spec import TableSpec
from askew.own_warnings import warn

_NAMED = 8
"""Columns that a warning names; of more it says how many."""


@final
class MixedInput(RowInput):
    """Rows of a frame that holds more than numbers, as finite float64 (n, numbers).

    What :class:`askew.Prepared` does, a detector does by itself with such a frame.
    """

    prepared: TablePreparation

    def know(self, prepared: TablePreparation) -> None:
        """Take a preparation that was fitted."""
        self.prepared, self.spec = prepared, TableSpec(len(prepared.names))

    def learn(self, detector: Any, X: Any, y: Any) -> Rows:
        """Learn the preparation from the rows that are not known anomalies, two rows or more."""
        owner = type(detector).__name__
        table = to_arrow(X, owner)
        if table.num_rows < 2:  # in the words of scikit-learn, as of a table of numbers
            raise InvalidInputError(
                f"Found array with 1 sample(s) (shape={table.shape}) while a minimum of 2 is required by {owner}."
            )
        checked = np.asarray(labels.check(y, table.num_rows, owner=owner))
        self.know(TablePreparation().fit(table, checked >= 0, f"X of {owner}"))
        warn_of_ignored(self.prepared, owner)
        names = [column.name for column in self.prepared.columns]
        detector.feature_names_in_, detector.n_features_in_ = np.array(names, dtype=object), len(names)
        return self.prepared.transform(table, f"X of {owner}")

    def rows(self, detector: Any, X: Any) -> Rows:
        """Return the numbers of rows with the columns of training, which may come in any order."""
        if is_images(X):
            learned = f"a table of {detector.n_features_in_} columns"
            refuse_images(detector, *checked_images(detector, X), learned)
        where = f"X of {type(detector).__name__}"
        if frame_of(X, type(detector).__name__) is None:
            rule = f"a frame with the columns it was fitted on, {listed(list(detector.feature_names_in_))}"
            remedy = "Give names: pandas.DataFrame(X, columns=list(detector.feature_names_in_))."
            raise InvalidInputError(must("X", type(detector).__name__, rule, type(X).__name__, remedy))
        table = to_arrow(X, type(detector).__name__)
        if unknown := self.prepared.match(table.schema, where, "ignore"):
            raise InvalidInputError(
                f"columns of {where} must be those it was fitted on; {listed(unknown)} "
                f"{'is' if len(unknown) == 1 else 'are'} not among them. Use X[list(detector.feature_names_in_)]."
            )
        return self.prepared.transform(table, where)

    def preparation(self, scaling: str | None) -> ColumnPreparation:
        """Return what standardises the numbers."""
        return ColumnPreparation(scaling)


def warn_of_ignored(preparation: TablePreparation, owner: str) -> None:
    """Warn of columns that are not learned from, each with the reason."""
    if not preparation.ignored:
        return
    columns = "; ".join(f"{name!r} ({why})" for name, why in list(preparation.ignored.items())[:_NAMED])
    more = len(preparation.ignored) - _NAMED
    text = f"{owner} leaves out columns of X: {columns}{f'; and {more} more' if more > 0 else ''}."
    hint = 'preparation_.summary() says what became of each column; Prepared(detector, kinds={"name": "category"})'
    warn(f"{text} {hint} keeps words.", ColumnWarning, stacklevel=2)
