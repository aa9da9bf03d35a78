"""A finished run of the label_loop protocol, and the results folder of such runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from askew.benchmarks.runs.plan import Run, canonical
from askew.benchmarks.runs.store import RunStore
from askew.benchmarks.runs.watch import now, versions

CHECKPOINTS = (10, 20, 50, 100)
"""Numbers of answers that the tables show."""


@dataclass(frozen=True)
class LoopRecord:
    """One finished run: ``found`` has the anomalies found after 1, 2, ... answers.

    ``n_rows`` and ``n_anomalies`` are of the table that was asked about. ``seconds`` is processor time of the whole
    run, ``n_fits`` how often a model was fitted. ``status`` is ``"ok"`` or ``"failed"``, with ``error`` in one line.
    """

    run: Run
    preset: str
    status: str
    error: str | None
    found: Sequence[int]
    n_rows: int | None
    n_anomalies: int | None
    n_fits: int | None
    seconds: float | None
    warnings: str | None
    versions: Mapping[str, str]
    started: str

    @classmethod
    def of(cls, run: Run, preset: str, **outcome: Any) -> LoopRecord:
        """Return the record of a run; what is not given is not known."""
        empty: dict[str, Any] = dict.fromkeys(
            ("error", "n_rows", "n_anomalies", "n_fits", "seconds", "warnings")
        )
        empty |= {"found": [], "versions": versions(), "started": now()}
        return cls(run=run, preset=preset, **empty | outcome)

    @classmethod
    def failed(cls, run: Run, preset: str, error: str) -> LoopRecord:
        """Return the record of a run that ended without telling anything but ``error``."""
        return cls.of(run, preset, status="failed", error=error)

    def after(self, answers: int) -> float | None:
        """Return the anomalies found after so many answers, as a share of those that could be: at most one an answer.

        A table that has fewer rows was asked about as a whole. None of a failed run.

        >>> run = Run("label_loop", "glass", "static", {}, seed=0)
        >>> LoopRecord.of(run, "quick", status="ok", found=[1, 1, 2, 2], n_anomalies=3).after(4)
        0.6666666666666666
        """
        if not self.found or not self.n_anomalies:
            return None
        return self.found[min(answers, len(self.found)) - 1] / min(answers, self.n_anomalies)

    @property
    def fit_seconds(self) -> float | None:
        """Seconds of the run, which go into fits but for a few hundredths."""
        return self.seconds

    @property
    def average(self) -> float | None:
        """The mean of :meth:`after` over :data:`CHECKPOINTS`."""
        shares = [share for answers in CHECKPOINTS if (share := self.after(answers)) is not None]
        return sum(shares) / len(shares) if shares else None


class LoopStore(RunStore[LoopRecord]):
    """A results folder of label_loop; runs of other protocols are passed over."""

    record = LoopRecord
    form = "askew-label-loop-run-1"
    skips_other_forms = True

    def export(self) -> dict[str, LoopRecord]:
        """Write ``runs.parquet``, one row per run of the folder, and return the runs."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        from askew.inputs.atomic import atomic_path

        records, _ = self.read()
        schema = pa.schema(
            [(name, pa.string()) for name in ("key", "preset", "dataset", "method", "params")]
            + [
                ("seed", pa.int64()),
                ("status", pa.string()),
                ("error", pa.string()),
                ("found", pa.list_(pa.int64())),
            ]
            + [(name, pa.int64()) for name in ("n_rows", "n_anomalies", "n_fits")]
            + [
                ("seconds", pa.float64()),
                ("warnings", pa.string()),
                ("versions", pa.string()),
                ("started", pa.string()),
            ]
        )
        rows = [
            {**vars(one), **vars(one.run), "key": key, "params": canonical(one.run.params)}
            | {"versions": canonical(dict(one.versions))}
            for key, one in records.items()
        ]
        rows.sort(key=lambda row: (row["dataset"], row["method"], row["seed"], row["key"]))
        with atomic_path(self.folder / "runs.parquet") as temporary:
            pq.write_table(pa.Table.from_pylist(rows, schema=schema), temporary)
        return records
