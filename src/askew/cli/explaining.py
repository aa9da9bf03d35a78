"""Reasons for the most anomalous rows of a table file, read in batches in constant memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from askew.cli.console import fraction_bar
from askew.cli.score_source import source_of

if TYPE_CHECKING:
    import pandas as pd

    from askew.explain import Explanation
    from askew.inputs import TableFile


@dataclass(frozen=True)
class Reasons:
    """The explanation of a file's most anomalous rows, most anomalous first.

    Attributes
    ----------
    why
        Of these rows.
    names
        Their ids, or their numbers counted from 1.
    flagged
        Whether each is flagged.
    n_rows, n_anomalies
        Of the whole file.
    id_name
        What `names` are called.
    """

    why: Explanation
    names: Sequence[Any]
    flagged: NDArray[np.bool_]
    n_rows: int
    n_anomalies: int
    id_name: str

    def lines(self, features: int) -> pd.DataFrame:
        """Return one line per row and feature, without the contribution in the score's unit."""
        lines = self.why.top(features).drop(columns="contribution")
        lines["row"] = [self.names[row] for row in lines["row"]]
        return lines.rename(columns={"row": self.id_name})

    def as_dict(self, features: int) -> dict[str, Any]:
        """Return all of it for JSON, row by row."""
        top = self.why.top(features)
        keys = ["feature", "observed", "expected", "contribution", "share"]
        rows = [
            {
                self.id_name: _plain(self.names[i]),
                "score": float(self.why.scores[i]),
                "prediction": -1 if self.flagged[i] else 1,
                "features": [
                    {key: _plain(value) for key, value in line.items()}
                    for line in top.loc[top["row"] == i, keys].to_dict("records")
                ],
            }
            for i in range(len(self.names))
        ]
        about = {"method": self.why.method, "expected_by": self.why.expected_by}
        return about | {"n_rows": self.n_rows, "n_anomalies": self.n_anomalies, "rows": rows}


def reasons(
    model: Any, table: TableFile, top: int, id_column: str | None, ignore_extra: bool, seed: int
) -> Reasons:
    """Return the reasons for the `top` most anomalous rows of a table file.

    Rows that pass are sampled while the file is read; they stand for what is usual.

    Raises
    ------
    InvalidInputError
        If the table does not fit the model, or too few of its rows pass to say what is usual.
    """
    from askew.explain.explaining import BACKGROUND_ROWS, FEWEST_ROWS

    source = source_of(model, table, id_column, ignore_extra)
    worst, usual = _Kept(top), _Kept(BACKGROUND_ROWS)
    generator = np.random.default_rng(seed)
    n_rows = n_anomalies = 0
    with fraction_bar("reading") as show:
        for X, kept, fraction in source.batches(keep=[id_column] if id_column else []):
            scores = model.score_samples(X)
            names = kept[id_column].to_pylist() if id_column else range(n_rows + 1, n_rows + 1 + len(scores))
            worst.add(X, scores, np.arange(len(scores)), names)
            # the smallest of random keys are a sample of all rows without knowing how many will come
            passing = np.flatnonzero(scores >= model.offset_)
            usual.add(X, generator.random(len(passing)), passing, names)
            n_rows += len(scores)
            n_anomalies += len(scores) - len(passing)
            show(fraction)
    background = usual.rows() if len(usual.keys) >= FEWEST_ROWS else None
    why = model.explain(worst.rows(), background=background, random_state=seed)
    flagged = why.scores < model.offset_
    return Reasons(why, worst.names, flagged, n_rows, n_anomalies, id_column or "row")


class _Kept:
    """The rows with the smallest keys among all that were added, in the order of their keys."""

    def __init__(self, n_most: int) -> None:
        self.keys: NDArray[np.float64] = np.empty(0)
        self.names: list[Any] = []
        self._n_most, self._part = n_most, None

    def add(self, X: Any, keys: NDArray[np.float64], places: NDArray[np.intp], names: Sequence[Any]) -> None:
        """Add the rows of X at the places, each with its key."""
        new = np.argsort(keys, kind="stable")[: self._n_most]
        part = _taken(X, places[new])
        both = part if self._part is None else _joined([self._part, part])
        keys, found = np.concatenate([self.keys, keys[new]]), [*self.names, *(names[i] for i in places[new])]
        order = np.argsort(keys, kind="stable")[: self._n_most]
        self.keys, self.names, self._part = keys[order], [found[i] for i in order], _taken(both, order)

    def rows(self) -> Any:
        """Return the rows kept, numbered from 0."""
        return self._part


def _taken(X: Any, places: NDArray[np.intp]) -> Any:
    """Return rows of an array, a frame or an Arrow table."""
    import pandas as pd

    if isinstance(X, np.ndarray):
        return X[places]
    return X.iloc[places].reset_index(drop=True) if isinstance(X, pd.DataFrame) else X.take(places)


def _joined(parts: Sequence[Any]) -> Any:
    import pandas as pd
    import pyarrow as pa

    join: Callable[[Sequence[Any]], Any]
    if isinstance(parts[0], np.ndarray):
        join = np.concatenate
    elif isinstance(parts[0], pd.DataFrame):
        join = pd.concat
    else:
        join = pa.concat_tables
    return join(parts)


def _plain(value: Any) -> Any:
    """Return a cell as JSON has it."""
    if isinstance(value, np.generic):
        value = value.item()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
