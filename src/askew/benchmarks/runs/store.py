"""A results folder that survives a kill at any moment.

``runs/<key>.json`` is one finished run: written under a temporary name, flushed to the disk, then moved into
place, so it is there whole or not at all. The name is the run's key, so a run cannot be there twice, and any
number of processes may write to one folder without a lock. Everything else in the folder (``runs.parquet``,
``table.csv``, ``table.md``) is made from these files and can be made again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast

from askew.benchmarks.runs.metrics import Metrics
from askew.benchmarks.runs.plan import Run, canonical, digest
from askew.benchmarks.runs.watch import now, versions
from askew.errors import InvalidInputError
from askew.inputs.atomic import atomic_path, make_folder, remove_orphans

_PLACE = ("device", "precision")
"""What ``versions`` of a record says beside versions of packages; null for a processor and float32."""
_ORDER = ("protocol", "dataset", "method", "seed", "key")
_COLUMNS = (
    ("text", "key protocol preset dataset normal_class known_classes"),
    ("number", "labelled_ratio pollution_ratio"),
    ("text", "split regime"),
    ("count", "m max_normals max_tests"),
    ("text", "relative_to method params"),
    ("count", "seed"),
    ("text", "status error"),
    ("number", "auroc auprc fpr80 auprc_normal fit_seconds score_seconds"),
    ("count", "group_size n_train n_labelled n_test"),
    ("text", "warnings askew_version torch_version numpy_version sklearn_version device precision started"),
)
"""Kind and names of the columns of ``runs.parquet``, in order."""


class StoredRun(Protocol):
    """What every kind of record has."""

    @property
    def run(self) -> Run:
        """What was run."""

    @property
    def status(self) -> str:
        """``"ok"`` or ``"failed"``."""

    @property
    def error(self) -> str | None:
        """One line that says why it failed."""

    @property
    def versions(self) -> Mapping[str, str]:
        """What the result may depend on."""


Stored = TypeVar("Stored", bound=StoredRun)


@dataclass(frozen=True)
class Record:
    """One finished run; ``preset`` is the one that it was first run under, as presets share runs.

    ``status`` is ``"ok"`` or ``"failed"``; ``error`` says why it failed, in one line. The metrics are those of
    :func:`askew.benchmarks.runs.metrics.metrics`: None for a failed run, ``auprc_normal`` also for runs of versions
    that did not have it. ``fit_seconds`` and ``score_seconds`` are wall-clock time, which runs trained together share
    equally (the group's / ``group_size``): None for a failed run, and of fitting for one that was stopped and went on.
    ``n_labelled`` counts the known anomalies among the ``n_train`` training rows. ``warnings`` are the different ones
    of the run's group, joined by `` | ``. ``versions`` has those of askew, torch, numpy and scikit-learn, and the
    device and the precision of training where they are not the processor and float32. ``started`` is when the run's
    group began, UTC, ISO 8601.
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

    @classmethod
    def failed(cls, run: Run, preset: str, error: str) -> Record:
        """Return the record of a run that ended without telling anything but ``error``."""
        unknown: dict[str, Any] = dict.fromkeys(
            ("fit_seconds", "score_seconds", "n_train", "n_labelled", "n_test", "warnings", *Metrics._fields)
        )
        unknown |= {"group_size": 1, "versions": versions(), "started": now()}
        return cls(run=run, preset=preset, status="failed", error=error, **unknown)


class RunStore(Generic[Stored]):
    """A results folder of one kind of record, made when it is not there; see the module's docstring.

    A folder that cannot be used is refused with :class:`~askew.errors.InvalidInputError`.
    """

    record: ClassVar[type[Any]]
    form: ClassVar[str]
    """Name of the file format."""
    indent: ClassVar[int | None] = None
    """Of the JSON text."""
    skips_other_forms: ClassVar[bool] = False
    """Whether files of other formats are passed over without a message."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._runs = self.folder / "runs"
        try:
            make_folder(self._runs)
        except OSError as error:
            reason = error.strerror or str(error)
            raise InvalidInputError(
                f"out must be a folder that can be written; got '{self.folder}' ({reason}). Choose another."
            ) from error

    def path(self, key: str) -> Path:
        """Return where the run ``key`` lives once it is finished."""
        return self._runs / f"{key}.json"

    def write(self, record: Stored) -> None:
        """Store a finished run, whole or not at all; a run of the same key is replaced."""
        body = {**vars(record), "run": record.run.as_dict(), "versions": dict(record.versions)}
        sealed = {"format": self.form, "sha256": digest(body), "body": body}
        _write(self.path(record.run.key), f"{json.dumps(sealed, indent=self.indent, allow_nan=False)}\n")

    def read(self) -> tuple[dict[str, Stored], list[str]]:
        """Return the finished runs by key, and one message per file that is damaged or not ours.

        A damaged run counts as not done: the runner runs it again and replaces the file.
        """
        records: dict[str, Stored] = {}
        messages: list[str] = []
        remove_orphans(self._runs)
        for path in sorted(self._runs.iterdir()):
            if path.name.startswith(".askew-"):  # atomic_path's temporary files
                continue
            try:
                record = self._read(path)
            except (OSError, ValueError, KeyError, TypeError, ArithmeticError) as error:
                reason = str(error).partition("\n")[0]
                messages.append(f"left out {path}: {reason}. If it was a run of this plan, it is run again.")
            else:
                if record is not None:
                    records[path.stem] = record
        return records, messages

    def stored(self, keys: Iterable[str]) -> dict[str, Stored]:
        """Return those of the runs that are finished, by key; a damaged file counts as none."""
        found = {}
        for key in keys:
            with suppress(OSError, ValueError, KeyError, TypeError, ArithmeticError):
                found[key] = self._read(self.path(key))
        return {key: record for key, record in found.items() if record is not None}

    def _read(self, path: Path) -> Stored | None:
        """Return the run of a file, None for another format's to be passed over; a changed file is a ValueError."""
        if path.suffix != ".json":
            raise ValueError("not the name of a run")
        if not path.is_file():
            raise ValueError("not a file")
        whole = read_json(path)
        if not isinstance(whole, dict) or whole.get("format") != self.form:
            if self.skips_other_forms:
                return None
            raise ValueError(f"not a file of the format {self.form}")
        body = whole["body"]
        if digest(body) != whole["sha256"]:
            raise ValueError("its content does not match its checksum")
        classes = body["run"]["known_classes"]
        _check_texts({**body, **body["run"]})
        run = replace(Run(**body["run"]), known_classes=classes and tuple(classes))
        _check_numbers({**body, **body["run"]})
        if run.key != path.stem:
            raise ValueError("it holds another run than its name says")
        return cast(Stored, self.record(**{**body, "run": run}))

    def write_text(self, name: str, text: str) -> None:
        """Write one of the folder's tables."""
        _write(self.folder / name, text)


class Store(RunStore[Record]):
    """A results folder of :class:`Record`; see :class:`RunStore`."""

    record = Record
    form = "askew-run-1"
    indent = 1

    def export(self) -> dict[str, Record]:
        """Write ``runs.parquet``, one row per run of the folder, and return the runs.

        Another process may finish runs meanwhile; whoever exports last has seen them all.
        """
        while True:
            records, _ = self.read()
            _write(self.folder / "runs.parquet", _as_parquet(records.values()))
            if self.read()[0].keys() == records.keys():
                return records


def read_json(path: Path) -> Any:
    """Return what a JSON file holds; a ValueError for what is none, or nested too deeply."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _check_numbers(body: Mapping[str, Any]) -> None:
    """Raise ValueError unless what should be numbers in a record are finite ones, or null."""
    for kind, names in _COLUMNS:
        for name in names.split() if kind != "text" else ():
            value = body.get(name)
            number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
            if not (value is None or number):
                raise ValueError(f"its {name} is no number")


def _check_texts(body: Mapping[str, Any]) -> None:
    """Raise ValueError unless what should be texts in a record are texts, or null, and the rest of their kinds."""
    kinds: dict[str, type] = {"params": dict, "known_classes": list, "versions": dict}
    texts = [name for kind, names in _COLUMNS if kind == "text" for name in names.split()]
    for name in ("versions", *texts):
        if not isinstance(body.get(name), kinds.get(name, str) | None):
            raise ValueError(f"its {name} is no {kinds.get(name, str).__name__}")
    if not all(
        isinstance(part, str) for part in (*(body.get("known_classes") or ()), *body["versions"].values())
    ):
        raise ValueError("its classes or versions are no texts")


def parquet_row(record: Any) -> dict[str, Any]:
    """Return the row of a finished run: nothing nested, ``params`` and classes as JSON text."""
    own = {name: value for name, value in vars(record).items() if name not in ("run", "versions")}
    versions = dict.fromkeys(_PLACE) | {
        name if name in _PLACE else f"{name}_version": value for name, value in record.versions.items()
    }
    run = dict.fromkeys(field.name for field in fields(Run)) | record.run.as_dict()
    run["params"] = canonical(run["params"])
    run["known_classes"] = run["known_classes"] and canonical(run["known_classes"])
    return {"key": record.run.key, **run, **own, **versions}


def _as_parquet(records: Iterable[Any]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"text": pa.string(), "number": pa.float64(), "count": pa.int64()}
    schema = pa.schema([(name, kinds[kind]) for kind, names in _COLUMNS for name in names.split()])
    rows = sorted(map(parquet_row, records), key=lambda one: [one[name] for name in _ORDER])
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), sink)
    return bytes(sink.getvalue().to_pybytes())


def _write(path: Path, content: str | bytes) -> None:
    with atomic_path(path) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
