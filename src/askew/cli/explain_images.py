"""``askew explain`` for images: the squares that lowered scores, and a contact sheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from askew.cli.console import fraction_bar, note
from askew.cli.image_data import read_for

if TYPE_CHECKING:
    import pandas as pd

    from askew.explain import ContactSheet


def sheet_of(model: Path, data: Path, top: int, skip_corrupt: bool, seed: int) -> ContactSheet:
    """Return the `top` most anomalous images of a folder or an array, and as many of the most normal, explained."""
    from askew.cli.model_file import load_model
    from askew.explain import contact_sheet

    loaded = load_model(model)
    images = read_for(loaded, str(model), data, skip_corrupt)
    with fraction_bar("explaining"):
        sheet = contact_sheet(loaded, images.pixels, top=top, names=images.names, random_state=seed)
    note(f"{data}: {sheet.n_images:,} images, {sheet.n_flagged:,} flagged as anomalies.")
    by = "" if sheet.why.patch == 1 else f", squares of {sheet.why.patch} x {sheet.why.patch} pixels"
    note(f"Contributions by {sheet.why.method}{by}, expected images by {sheet.why.expected_by}.")
    return sheet


def lines(sheet: ContactSheet, squares: int) -> pd.DataFrame:
    """Return one line per anomalous image and square, without the contribution in the score's unit."""
    top = sheet.why.top(squares).drop(columns="contribution")
    top = top[top["row"] < len(sheet.anomalous)]
    names = [sheet.anomalous[row].name for row in top["row"]]
    return top.assign(row=names).rename(columns={"row": "image"})


def as_dict(sheet: ContactSheet, squares: int) -> dict[str, Any]:
    """Return all of it for JSON: the most anomalous images with their squares, and the most normal."""
    top = sheet.why.top(squares)
    keys = ["top", "left", "height", "width", "contribution", "share"]
    images = [
        {
            "image": case.name,
            "score": case.score,
            "prediction": -1 if case.flagged else 1,
            "squares": [_plain(line) for line in top.loc[top["row"] == i, keys].to_dict("records")],
        }
        for i, case in enumerate(sheet.anomalous)
    ]
    normal = [{"image": case.name, "score": case.score} for case in sheet.normal]
    about: dict[str, Any] = {"method": sheet.why.method, "expected_by": sheet.why.expected_by}
    about |= {"n_images": sheet.n_images, "n_anomalies": sheet.n_flagged}
    return about | {"images": images, "most_normal": normal}


def _plain(line: dict[Any, Any]) -> dict[str, float | int]:
    return {str(key): value.item() if hasattr(value, "item") else value for key, value in line.items()}
