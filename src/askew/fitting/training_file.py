"""The file that a model was fitted on, and how it was read: what a refit needs to read it again."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path, PurePath
from typing import Any

from askew.fitting.training_options import TrainingOptions
from askew.inputs import Data, Meaning, TextFormat
from askew.inputs.address import Address
from askew.scoring import Labelling


def record_of(data: Data, options: TrainingOptions) -> dict[str, Any]:
    """Return the file and the options as JSON-able values, which stand in the model's file.

    Of an absolute path the last part alone is kept, and nothing of an address on another machine or of a query.
    """
    labelling = options.labelling
    return {
        "data": _place_of(data),
        "sheet": data.sheet if isinstance(data, Address) else None,
        "label_column": labelling.column,
        "meaning": asdict(labelling.meaning),
        "id_column": options.id_column,
        "drop": list(options.drop),
        "n_most": options.n_most,
        "seed": options.seed,
        "skip_corrupt": options.skip_corrupt,
        "text_format": asdict(options.text_format),
    }


def options_of(record: dict[str, Any]) -> TrainingOptions:
    """Return the options of :func:`record_of`."""
    return TrainingOptions(
        labelling=Labelling(record["label_column"], Meaning(**_with_tuples(record["meaning"]))),
        id_column=record["id_column"],
        drop=tuple(record["drop"]),
        n_most=record["n_most"],
        seed=int(record["seed"]),
        skip_corrupt=bool(record["skip_corrupt"]),
        text_format=TextFormat(**_with_tuples(record["text_format"])),
    )


def data_beside(record: dict[str, Any], model: Path) -> Data | None:
    """Return the file of a record if it is where it was, seen from here, or beside the model's file; else None."""
    place = record["data"]
    if not place:
        return None
    # an absolute path was never written by record_of: a file that somebody sent does not say what else is read
    here = [] if PurePath(place).is_absolute() else [Path(place)]
    for path in (*here, model.parent / Path(place).name):
        if path.exists():
            return path if record["sheet"] is None else Address(str(path), record["sheet"])
    return None


def _place_of(data: Data) -> str:
    if isinstance(data, Address) and (data.is_remote or data.is_database):
        return ""
    path = PurePath(data.location if isinstance(data, Address) else data)
    return path.name if path.is_absolute() else path.as_posix()


def _with_tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
