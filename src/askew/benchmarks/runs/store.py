"""A results folder that survives a kill at any moment.

``runs/<key>.json`` is one finished run: written under a temporary name, flushed to the disk, then moved into
place, so it is there whole or not at all. The name is the run's key, so a run cannot be there twice, and any
number of processes may write to one folder without a lock. Everything else in the folder (``runs.parquet``,
``table.csv``, ``table.md``) is made from these files and can be made again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from askew.benchmarks.runs.plan import Run, canonical, digest
from askew.errors import InvalidInputError
from askew.inputs.atomic import atomic_path

FORMAT = "askew-run-1"
_STALE_SECONDS = 3600.0  # a run is written in milliseconds; an hour-old temporary file is a killed process's


@dataclass(frozen=True)
class Record:
    """One finished run.

    Parameters
    ----------
    run : Run
        What was run.
    preset : str
        The preset it was first run under (presets share runs).
    status : str
        ``"ok"`` or ``"failed"``.
    error : str or None
        One line that says why it failed.
    auroc, auprc, fpr80, auprc_normal : float or None
        See :func:`askew.benchmarks.runs.metrics.metrics`; None for a failed run, the last also for runs of
        versions that did not have it.
    fit_seconds, score_seconds : float or None
        Wall-clock time. Runs trained together share theirs equally: the group's time / ``group_size``. None for a
        failed run, and of fitting for one that was stopped and went on.
    group_size : int
        Number of runs trained together.
    n_train, n_labelled, n_test : int or None
        Training rows, the known anomalies among them, and test rows.
    warnings : str or None
        The different warnings of the run's group, joined by `` | ``.
    versions : mapping of str to str
        Of askew, torch, numpy and scikit-learn; the device and the precision of training where they are not the
        processor and float32.
    started : str
        When the run's group began, UTC, ISO 8601.
    """

    run: Run
    preset: str
    status: str
    error: str | None
    auroc: float | None
    auprc: float | None
    fpr80: float | None
    fit_seconds: float | None
    score_seconds: float | None
    group_size: int
    n_train: int | None
    n_labelled: int | None
    n_test: int | None
    warnings: str | None
    versions: Mapping[str, str]
    started: str
    auprc_normal: float | None = None

    def row(self) -> dict[str, Any]:
        """Return the flat row of ``runs.parquet``: nothing nested, ``params`` and classes as JSON text."""
        own = {name: value for name, value in vars(self).items() if name not in ("run", "versions")}
        versions = dict.fromkeys(_PLACE) | {
            name if name in _PLACE else f"{name}_version": value for name, value in self.versions.items()
        }
        run = dict.fromkeys(field.name for field in fields(Run)) | self.run.as_dict()
        run["params"] = canonical(run["params"])
        run["known_classes"] = run["known_classes"] and canonical(run["known_classes"])
        return {"key": self.run.key, **run, **own, **versions}


def sealed(form: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run's file holds: the name of its format, a checksum and the run."""
    return {"format": form, "sha256": digest(body), "body": body}


def unsealed(whole: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the body of a run's file, its ``run`` as a Run.

    Raises
    ------
    ValueError
        If it was changed, or holds another run than the one called ``key``.
    """
    body = whole["body"]
    if digest(body) != whole["sha256"]:
        raise ValueError("its content does not match its checksum")
    classes = body["run"]["known_classes"]
    run = replace(Run(**body["run"]), known_classes=classes and tuple(classes))
    if run.key != key:
        raise ValueError("it holds another run than its name says")
    return {**body, "run": run}


def runs_folder(folder: Path) -> Path:
    """Return the folder of a results folder's runs, made when it is not there.

    Raises
    ------
    InvalidInputError
        If ``folder`` is a file or cannot be made.
    """
    runs = folder / "runs"
    try:
        runs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidInputError(
            f"out must be a folder that can be written; got '{folder}' ({reason}). Choose another."
        ) from error
    return runs


def damage(path: Path, error: Exception) -> str:
    """Return what is told of a run's file that cannot be read."""
    reason = str(error).partition("\n")[0]
    return f"left out {path}: {reason}. If it was a run of this plan, it is run again."


def _as_text(record: Record) -> str:
    body = {**vars(record), "run": record.run.as_dict(), "versions": dict(record.versions)}
    return json.dumps(sealed(FORMAT, body), indent=1, allow_nan=False) + "\n"


def _from_text(text: str, key: str) -> Record:
    whole = json.loads(text)
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise ValueError(f"not a file of the format {FORMAT}")
    return Record(**unsealed(whole, key))


def _write(path: Path, content: bytes) -> None:
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


class Store:
    """A results folder; see the module's docstring.

    Parameters
    ----------
    folder : path
        Made when it is not there.

    Raises
    ------
    InvalidInputError
        If ``folder`` is a file or cannot be made.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._runs = runs_folder(self.folder)

    def path(self, key: str) -> Path:
        """Return where the run ``key`` lives once it is finished."""
        return self._runs / f"{key}.json"

    def write(self, record: Record) -> None:
        """Store a finished run, whole or not at all; a run of the same key is replaced."""
        _write(self.path(record.run.key), _as_text(record).encode())

    def read(self) -> tuple[dict[str, Record], list[str]]:
        """Return the finished runs by key, and one message per file that is damaged or not ours.

        A damaged run counts as not done: the runner runs it again and replaces the file.
        """
        records: dict[str, Record] = {}
        messages: list[str] = []
        for path in sorted(self._runs.iterdir()):
            if path.name.startswith(".askew-"):  # atomic_path's temporary files
                self._sweep(path)
                continue
            try:
                if path.suffix != ".json":
                    raise ValueError("not the name of a run")
                records[path.stem] = _from_text(path.read_text(encoding="utf-8"), path.stem)
            except (OSError, ValueError, KeyError, TypeError) as error:
                messages.append(damage(path, error))
        return records, messages

    @staticmethod
    def _sweep(path: Path) -> None:
        try:
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                path.unlink()
        except OSError:
            pass  # another process moved it into place or swept it first

    def export(self) -> dict[str, Record]:
        """Write ``runs.parquet``, one row per run of the folder, and return the runs.

        Another process may finish runs meanwhile; whoever exports last has seen them all.
        """
        while True:
            records, _ = self.read()
            _write(self.folder / "runs.parquet", _parquet(list(records.values())))
            if self.read()[0].keys() == records.keys():
                return records

    def write_text(self, name: str, text: str) -> None:
        """Write one of the folder's tables."""
        _write(self.folder / name, text.encode())


def _parquet(records: list[Record]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"text": pa.string(), "number": pa.float64(), "count": pa.int64()}
    schema = pa.schema([(name, kinds[kind]) for kind, name in _COLUMNS])
    order = sorted((record.row() for record in records), key=lambda row: [row[name] for name in _ORDER])
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(order, schema=schema), sink)
    return bytes(sink.getvalue().to_pybytes())


_PLACE = ("device", "precision")
"""Of what a result may depend on: those that are no versions of a package; null for a processor and float32."""
_ORDER = ("protocol", "dataset", "method", "seed", "key")
_COLUMNS = (
    ("text", "key"),
    ("text", "protocol"),
    ("text", "preset"),
    ("text", "dataset"),
    ("text", "normal_class"),
    ("text", "known_classes"),
    ("number", "labelled_ratio"),
    ("number", "pollution_ratio"),
    ("text", "split"),
    ("text", "regime"),
    ("count", "m"),
    ("count", "max_normals"),
    ("count", "max_tests"),
    ("text", "relative_to"),
    ("text", "method"),
    ("text", "params"),
    ("count", "seed"),
    ("text", "status"),
    ("text", "error"),
    ("number", "auroc"),
    ("number", "auprc"),
    ("number", "fpr80"),
    ("number", "auprc_normal"),
    ("number", "fit_seconds"),
    ("number", "score_seconds"),
    ("count", "group_size"),
    ("count", "n_train"),
    ("count", "n_labelled"),
    ("count", "n_test"),
    ("text", "warnings"),
    ("text", "askew_version"),
    ("text", "torch_version"),
    ("text", "numpy_version"),
    ("text", "sklearn_version"),
    *(("text", name) for name in _PLACE),
    ("text", "started"),
)
