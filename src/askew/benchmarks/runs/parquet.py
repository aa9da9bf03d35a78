"""The flat table of finished runs, ``runs.parquet``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from askew.benchmarks.runs.plan import Run, canonical

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
"""Kind and names of the columns, in order."""


def row(record: Any) -> dict[str, Any]:
    """Return the row of a finished run: nothing nested, ``params`` and classes as JSON text."""
    own = {name: value for name, value in vars(record).items() if name not in ("run", "versions")}
    versions = dict.fromkeys(_PLACE) | {
        name if name in _PLACE else f"{name}_version": value for name, value in record.versions.items()
    }
    run = dict.fromkeys(field.name for field in fields(Run)) | record.run.as_dict()
    run["params"] = canonical(run["params"])
    run["known_classes"] = run["known_classes"] and canonical(run["known_classes"])
    return {"key": record.run.key, **run, **own, **versions}


def as_parquet(records: Iterable[Any]) -> bytes:
    """Return a Parquet file with one row per run, in a fixed order."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"text": pa.string(), "number": pa.float64(), "count": pa.int64()}
    schema = pa.schema([(name, kinds[kind]) for kind, names in _COLUMNS for name in names.split()])
    rows = sorted(map(row, records), key=lambda one: [one[name] for name in _ORDER])
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), sink)
    return bytes(sink.getvalue().to_pybytes())
