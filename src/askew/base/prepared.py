"""Prepared: a detector for tables of numbers, words, dates and gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self, final

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OutlierMixin, clone

from askew import labels
from askew.base.detector import Detector, Scores
from askew.base.facts import named
from askew.base.fitted_parameters import remember_parameters, require_fitted
from askew.base.persistence import Packed, nested, pack, part_of, unpack
from askew.base.preparation.column_scaling import ExtremeCells
from askew.base.preparation.mixed_rows import warn_of_ignored
from askew.base.shared_methods import ScoreMethods
from askew.base.wrapper import Wrapper, require_table
from askew.errors import InvalidInputError, must
from askew.index import wrapper
from askew.inputs.frames import refuse_other_order
from askew.inputs.in_memory import is_images, to_arrow
from askew.inputs.mixed_columns import Novelties
from askew.inputs.mixed_tables import TablePreparation

_WHERE = "X of Prepared"


@final
@wrapper
@dataclass(eq=False, repr=False)
class Prepared(ScoreMethods, OutlierMixin, BaseEstimator, Wrapper):  # type: ignore[misc]
    """A detector with a preparation of mixed tables in front: numbers, words, dates, truth values, gaps.

    The preparation is fitted on the training rows that are not known anomalies, see
    :class:`~askew.inputs.mixed_tables.TablePreparation`, and saved with the model. A new table must have the same
    columns, in any order: a column that is missing, extra or of another kind is refused with its name. Words
    never seen are scored, and :meth:`novelties` counts them.

    Parameters
    ----------
    detector : Detector
        What learns from the prepared numbers; a copy is fitted.
    kinds : mapping, optional
        Kind of a column by its name, where its values look like another: ``{"zip": "category"}``. One of
        number, boolean, category, date.
    extra : str
        ``"refuse"`` or ``"ignore"`` columns of a new table that the training table did not have.
    other_columns : sequence of str
        Columns beside the features that a new table may have or lack: ids, labels.
    max_one_hot : int
        Most different words for a column per word; with more, a column becomes how common its word is.
    min_share : float
        Share of rows, in (0, 0.5), under which words are pooled as rare and gaps are not marked.

    Attributes
    ----------
    detector_ : Detector
        The fitted detector.
    preparation_ : TablePreparation
        The fitted preparation; ``feature_of`` says which raw column each prepared number comes from.
    feature_names_in_ : array of str
        The raw columns that are used.
    offset_ : float
        The score under which `predict` flags a row.

    Raises
    ------
    InvalidInputError
        By `fit` and the scoring methods, for a table or a parameter that cannot be used; `LabelError` for labels.

    Examples
    --------
    >>> import pandas as pd
    >>> from askew import IsolationForest
    >>> frame = pd.DataFrame({"amount": [1.0, None, 3.0] * 10, "country": ["NO", "SE", "NO"] * 10})
    >>> model = Prepared(IsolationForest(random_state=0)).fit(frame)
    >>> new = pd.DataFrame({"country": ["NO", "DK"], "amount": [1.0, 99.0]})
    >>> model.score_samples(new).argmin()
    np.int64(1)
    >>> model.novelties(new).lines()
    ["column 'country': 1 unseen category in 1 row ('DK')."]
    """

    name: ClassVar[str] = "prepared"
    read_when_scoring: ClassVar[tuple[str, ...]] = ("extra", "other_columns")

    detector: Detector
    kinds: Mapping[str, str] | None = None
    extra: str = "refuse"
    other_columns: Sequence[str] = ()
    max_one_hot: int = 30
    min_share: float = 0.005

    @property
    def inner(self) -> Detector:
        """The fitted detector."""
        return self.detector_

    @property
    def offset_(self) -> float:
        """The score under which `predict` flags a row."""
        return self.detector_.offset_

    @property
    def extreme_cells_(self) -> tuple[ExtremeCells, ...]:
        """By prepared number, the training cells so extreme that its scale was learned without them."""
        return named(self.detector_.facts_, self.preparation_.names)

    @property
    def feature_names_in_(self) -> NDArray[np.object_]:
        """The raw columns that are used."""
        return np.array([column.name for column in self.preparation_.columns], dtype=object)

    @property
    def n_features_in_(self) -> int:
        """Number of raw columns that are used."""
        return len(self.preparation_.columns)

    def fit(
        self, X: Any, y: Any = None, sample_weight: Any = None, *, init_model: Self | None = None
    ) -> Self:
        """Fit the preparation and the detector on a DataFrame, Arrow table or array (n_rows, n_columns).

        Labels are as for :meth:`askew.base.Detector.fit`: +1 known normal, 0 unlabelled, -1 known anomaly. Weights
        (n_rows,) are the detector's, if it takes any. With `init_model`, a fitted Prepared, its preparation is kept,
        and the detector, one of networks, goes on from that one's: see :meth:`askew.base.DeepDetector.fit`.
        """
        self._check_parameters()
        if is_images(X):
            remedy = "Images need no preparation: give them to the detector itself."
            raise InvalidInputError(must("X", "Prepared", "a table", np.shape(X), remedy))
        refuse_other_order(X, y, type(self).__name__)
        table = to_arrow(X, type(self).__name__)
        checked = np.asarray(labels.check(y, table.num_rows, owner=type(self).__name__), dtype=np.int8)
        left_out = [name for name in self.other_columns if name in table.column_names]
        table = table.drop_columns(left_out) if left_out else table
        self.__dict__.pop("detector_", None)  # unfitted until this fit has succeeded
        if init_model is None:
            rows = checked >= 0 if (checked >= 0).any() else None  # else the detector says what is wrong
            preparation = TablePreparation(self.kinds, self.max_one_hot, self.min_share)
            self.preparation_ = preparation.fit(table, rows, _WHERE)
            warn_of_ignored(self.preparation_, type(self).__name__)
        else:
            self.preparation_ = init_model.preparation_
            self.preparation_.match(table.schema, _WHERE, self.extra)
        options = {"sample_weight": sample_weight, "init_model": init_model and init_model.detector_}
        given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
        detector = clone(self.detector).fit(self.preparation_.transform(table, _WHERE), y, **given)
        self.detector_: Detector = detector
        remember_parameters(self)
        return self

    def score_samples(self, X: Any) -> Scores:
        """Return how normal each row is: (n_rows,) float64, higher = more normal."""
        require_fitted(self, "detector_")
        return self.detector_.score_samples(self._prepared(X))

    def novelties(self, X: Any) -> Novelties:
        """Return what X has and the training rows had not: unseen words, gaps in columns without one."""
        require_fitted(self, "detector_")
        return self.preparation_.novelties(X)

    def _prepared(self, X: Any) -> Scores:
        table = to_arrow(X, type(self).__name__)
        self.preparation_.match(table.schema, _WHERE, self.extra, tuple(self.other_columns))
        return self.preparation_.transform(table, _WHERE)

    def _check_parameters(self) -> None:
        detector: Any = self.detector
        if not isinstance(detector, Detector):
            remedy = "Give a detector, for example askew.DPVAE()."
            raise InvalidInputError(must("detector", "Prepared", "a Detector", detector, remedy))
        require_table(detector, "detector of Prepared")
        if self.extra not in ("refuse", "ignore"):
            remedy = 'Use "ignore" if further columns of a new table do not matter.'
            raise InvalidInputError(must("extra", "Prepared", '"refuse" or "ignore"', self.extra, remedy))
        if isinstance(self.other_columns, str):
            rule, remedy = "a list of names", f"Use [{self.other_columns!r}]."
            raise InvalidInputError(must("other_columns", "Prepared", rule, self.other_columns, remedy))

    def _pack(self) -> Packed:
        values, own = self.preparation_.state()
        header, arrays = nested("detector", pack(self.detector_))
        others = [str(name) for name in self.other_columns]
        about = {"preparation": values, "extra": self.extra, "other_columns": others}
        return header | about, arrays | {f"preparation.{key}": array for key, array in own.items()}

    @classmethod
    def _unpack(cls, header: dict[str, Any], arrays: dict[str, NDArray[Any]], **parameters: Any) -> Any:
        detector = unpack(*part_of("detector", header, arrays), **parameters)
        preparation = TablePreparation.from_state(*part_of("preparation", header, arrays))
        model = cls(
            clone(detector),
            kinds=preparation.kinds or None,
            extra=header["extra"],
            other_columns=tuple(header["other_columns"]),
            max_one_hot=preparation.max_one_hot,
            min_share=preparation.min_share,
        )
        model.detector_, model.preparation_ = detector, preparation
        remember_parameters(model)
        return model


class RawColumns(NamedTuple):
    """Raw columns that a model takes: how they are prepared, and which others a new table may have.

    `extra` and `other_columns` are as of :class:`Prepared`.
    """

    preparation: TablePreparation
    extra: str
    other_columns: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns that are used."""
        return tuple(column.name for column in self.preparation.columns)


def extreme_cells_of(model: Any) -> tuple[ExtremeCells, ...]:
    """Return the ``extreme_cells_`` of a model, or of the one inside it that has them."""
    while isinstance(model, Wrapper) and not isinstance(model, Prepared):
        model = model.inner
    return tuple(model.extreme_cells_)


def raw_columns(model: Any) -> RawColumns | None:
    """Return the raw columns of a model, or one inside it, that prepares tables by itself; None of any other."""
    while isinstance(model, Wrapper) and not isinstance(model, Prepared):
        model = model.inner
    preparation = getattr(model, "preparation_", None)
    if preparation is None:
        return None
    others = getattr(model, "other_columns", None) or getattr(model, "other_columns_", None) or ()
    return RawColumns(preparation, getattr(model, "extra", "refuse"), tuple(map(str, others)))
