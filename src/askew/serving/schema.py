"""What a model takes and gives, for people and programs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from askew import index
from askew.base.prepared import raw_columns
from askew.base.wrapper import unwrap
from askew.inputs.encoders import Date, Frequency, Number, OneHot
from askew.inputs.mixed_columns import Column
from askew.inputs.number_dates import COMPACT, SCALES, SPREADSHEET
from askew.inputs.written_dates import ISO, ISO_ZONE
from askew.serving.questions import IMAGES, TABLES
from askew.serving.served_model import ServedModel
from askew.serving.settings import Settings

_RESULTS = {
    "score": "how normal it is; higher = more normal",
    "anomaly_score": "the negative of the score",
    "prediction": "-1 for what is flagged, else 1",
    "p_value": "how often an ordinary row scores as low",
    "severity": "0 to 100, the percentage of ordinary rows that are less anomalous",
}
_JUDGED = ("p_value", "severity")
_DIGITS = 4
_SPREADSHEET_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)


@dataclass(frozen=True)
class ColumnTaken:
    """A column that a model takes: its name, its kind, what becomes of it, and a cell that is usual."""

    name: str
    kind: str
    about: str
    example: Any


def describe(served: ServedModel, settings: Settings) -> dict[str, Any]:
    """Return what the model takes and gives, for JSON."""
    from askew.calibration import Threshold

    detector: Any = unwrap(served.model)
    judged = isinstance(served.model, Threshold)
    found: dict[str, Any] = {
        "model": served.name,
        "digest": served.digest,
        "method": getattr(detector, "name", "onnx"),
        "about": _summary(detector),
        "loaded": datetime.fromtimestamp(served.loaded, UTC).isoformat(timespec="seconds"),
    }
    if (shape := served.image_shape) is not None:
        channels, height, width = shape
        found["takes"] = {"unit": "images", "channels": channels, "height": height, "width": width}
        found["takes"] |= {"content_types": list(IMAGES)}
    else:
        columns = columns_taken(served.model)
        found["takes"] = {"unit": "rows", "content_types": list(TABLES)}
        found["takes"] |= {"columns": [asdict(column) for column in columns]}
        found["example"] = [{column.name: column.example for column in columns}]
    found["gives"] = {name: text for name, text in _RESULTS.items() if judged or name not in _JUDGED}
    if judged:
        found["threshold"] = served.model.expected_.guarantee
        found["judged"] = "together" if served.model.needs_all_rows else "one by one"
    limits = {"bytes": settings.max_bytes, "rows": settings.max_rows, "queue": settings.queue}
    return found | {"limits": limits}


def schema_page(served: ServedModel, settings: Settings, address: str) -> str:
    """Return the same as a page, for a service at an address."""
    from askew.benchmarks.report.templating import Templates

    templates = Templates("sentences.txt.j2", "askew.serving", "askew.benchmarks.report")
    found = describe(served, settings)
    for column in found["takes"].get("columns", ()):
        column["example_text"] = json.dumps(column["example"], ensure_ascii=False).strip('"')
    example = json.dumps(found.get("example"), ensure_ascii=False, indent=2).splitlines()
    return templates.page(
        "service.html.j2", about=found, address=address, example=example, token=bool(settings.token)
    )


def columns_taken(model: Any) -> list[ColumnTaken]:
    """Return the columns that a model of tables takes, in its order."""
    if (raw := raw_columns(model)) is not None:
        columns = raw.preparation.columns
        return [ColumnTaken(c.name, c.kind, _about(c), _usual(c)) for c in columns]
    detector: Any = unwrap(model)
    names = getattr(detector, "feature_names_in_", None)
    width = int(detector.n_features_in_)
    named = [f"x{place}" for place in range(width)] if names is None else [str(name) for name in names]
    about = "taken by its place" if names is None else ""
    cells = _middle(detector, width)
    return [ColumnTaken(name, "number", about, cell) for name, cell in zip(named, cells, strict=True)]


def _about(column: Column) -> str:
    """Return what becomes of a column."""
    text = column.in_words().removeprefix(f"{column.name}: {column.kind}").strip()
    return text.removeprefix("(").removesuffix(")")


def _summary(detector: Any) -> str:
    entry = index.entries().get(getattr(detector, "name", ""))
    return "An exported model." if entry is None else entry.summary


def _middle(detector: Any, width: int) -> list[float]:
    """Return numbers near the middle of the training rows, 0 where the model does not tell."""
    middle = getattr(detector, "column_mean_", None)
    if middle is None:
        middle = getattr(getattr(detector, "_preparation", None), "mean", None)
    if middle is None or np.shape(middle) != (width,):
        return [0.0] * width
    return [_short(float(number)) for number in middle]


def _short(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}") if np.isfinite(number) else 0.0


def _usual(column: Column) -> Any:
    """Return a cell of a column as JSON has it."""
    encoder = column.encoder
    if isinstance(encoder, Number):
        if column.kind == "boolean":
            return encoder.fill >= 0.5
        return column.origin + round(encoder.fill) if column.origin else _short(encoder.fill)
    if isinstance(encoder, OneHot):
        return next(iter((*encoder.levels, *encoder.rare)), None)
    if isinstance(encoder, Frequency):
        return str(encoder.words[int(np.argmax(encoder.counts))]) if len(encoder.words) else None
    return _date(encoder, column) if isinstance(encoder, Date) else None


def _date(encoder: Date, column: Column) -> Any:
    """Return a date in the middle of the training rows, as it is written there."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=encoder.middle)
    moment = moment.replace(microsecond=0)
    form = column.date_format.split("|")[0]
    if form in SCALES:
        return int(moment.timestamp() * SCALES[form])
    if form == SPREADSHEET:
        return (moment - _SPREADSHEET_EPOCH) / timedelta(days=1)
    if form in COMPACT:
        return int(moment.strftime(form))
    if form in ("", ISO, ISO_ZONE):
        local = moment.replace(tzinfo=None).isoformat()
        return local if column.zone is None else f"{local}Z"
    return moment.strftime(form)
