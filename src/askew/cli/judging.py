"""Scored rows with what a threshold says of them: p-values, severities, and decisions over a whole file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from askew.errors import InvalidInputError

if TYPE_CHECKING:
    import pyarrow as pa

    from askew.calibration import Conformal, Threshold
    from askew.cli.image_scoring import ImageScoring, SkippedFiles
    from askew.cli.scoring import Scoring
    from askew.inputs.mixed_columns import Novelties

COLUMNS = ("p_value", "severity")


class Judging:
    """The scoring of a table or a folder by a model that is a threshold; it has the attributes and methods of Scoring.

    A threshold that judges all rows together reads the file once: the scored rows wait in a temporary file (about
    25 bytes a row, in the folder for temporary files) until the last is scored, while the number of rows with each
    possible p-value is counted in memory. Memory does not grow with the file.

    Parameters
    ----------
    scoring
        The scoring by the same model.
    threshold
        The model.

    Raises
    ------
    InvalidInputError
        If the id column has the name of a column of the result.
    """

    def __init__(self, scoring: Scoring | ImageScoring, threshold: Threshold) -> None:
        import pyarrow as pa

        self._scoring, self._threshold = scoring, threshold
        taken = [name for name in COLUMNS if name in scoring.schema.names]
        if taken:
            raise InvalidInputError(
                f"id column must not be called like a column of the result; got {taken[0]!r}. Rename it."
            )
        self.features, self.extra = scoring.features, scoring.extra
        self.schema = pa.schema([*scoring.schema, *((name, pa.float64()) for name in COLUMNS)])

    @property
    def novelties(self) -> Novelties | SkippedFiles | None:
        """What the rows so far have and the training rows had not, as of the scoring."""
        return self._scoring.novelties

    def batches(self) -> Iterator[tuple[pa.RecordBatch, float]]:
        """Yield judged rows of :attr:`schema`, and how much of the file is done (0 to 1)."""
        if self._threshold.needs_all_rows:
            yield from self._all_together()
            return
        for rows, fraction in self._scoring.batches():
            yield self._judged(rows, None), fraction

    def _all_together(self) -> Iterator[tuple[pa.RecordBatch, float]]:
        import pyarrow as pa

        threshold: Any = self._threshold
        conformal: Conformal = threshold
        tally = conformal.tally(np.empty(0))
        with tempfile.TemporaryFile(prefix="askew-") as file:
            with pa.ipc.new_stream(file, self._scoring.schema) as writer:
                for rows, fraction in self._scoring.batches():
                    writer.write_batch(rows)
                    tally += conformal.tally(_scores(rows))
                    yield self._judged(rows.slice(0, 0), None), fraction  # so that the bar moves
            file.seek(0)
            cut = conformal.cut_of_tally(tally)
            for rows in pa.ipc.open_stream(file):
                yield self._judged(rows, cut), 1.0

    def _judged(self, rows: pa.RecordBatch, cut: float | None) -> pa.RecordBatch:
        import pyarrow as pa

        judgement = self._threshold.judge(_scores(rows), cut)
        said = {"prediction": judgement.prediction, **judgement._asdict()}
        arrays = [
            pa.array(said[field.name]).cast(field.type) if field.name in said else rows.column(field.name)
            for field in self.schema
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)


def judging(scoring: Scoring | ImageScoring, model: Any) -> Any:
    """Return `scoring`, with the judgement of `model` if it is a threshold."""
    from askew.calibration import Threshold

    return Judging(scoring, model) if isinstance(model, Threshold) else scoring


def _scores(rows: pa.RecordBatch) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return rows.column("score").to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
