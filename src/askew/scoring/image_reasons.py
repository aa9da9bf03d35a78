"""Reasons for the most anomalous images: the squares that lowered their scores, and a contact sheet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from askew.scoring.image_source import NamedImages
from askew.scoring.listener import Listener

if TYPE_CHECKING:
    from askew.explain import ContactSheet


@dataclass(frozen=True)
class ImageReasons:
    """The explanation of the most anomalous images of a `sheet`: at most `n_squares` squares of each."""

    sheet: ContactSheet
    n_squares: int

    @classmethod
    def of(
        cls, model: Any, images: NamedImages, top: int, n_squares: int, seed: int, listener: Listener
    ) -> Self:
        """Return the reasons for the `top` most anomalous images."""
        from askew.explain import contact_sheet

        with listener.bar("explaining"):
            sheet = contact_sheet(model, images.pixels, top=top, names=images.names, random_state=seed)
        return cls(sheet, n_squares)

    @cached_property
    def lines(self) -> pd.DataFrame:
        """One line per anomalous image and square, without the contribution in the score's unit."""
        top = self.sheet.why.top(self.n_squares).drop(columns="contribution")
        top = top[top["row"] < len(self.sheet.anomalous)]
        names = [self.sheet.anomalous[row].name for row in top["row"]]
        return top.assign(row=names).rename(columns={"row": "image"})

    def sentences(self, data: Path) -> tuple[str, str]:
        """Return what of the images is flagged, and where the reasons come from."""
        why = self.sheet.why
        by = "" if why.patch == 1 else f", squares of {why.patch} x {why.patch} pixels"
        return (
            f"{data}: {self.sheet.n_images:,} images, {self.sheet.n_flagged:,} flagged as anomalies.",
            f"Contributions by {why.method}{by}, expected images by {why.expected_by}.",
        )

    def as_dict(self) -> dict[str, Any]:
        """Return all of it for JSON: the most anomalous images with their squares, and the most normal."""
        sheet, top = self.sheet, self.sheet.why.top(self.n_squares)
        keys = ["top", "left", "height", "width", "contribution", "share"]
        images = [
            {
                "image": case.name,
                "score": case.score,
                "prediction": -1 if case.flagged else 1,
                "squares": [
                    {str(key): cell.item() if hasattr(cell, "item") else cell for key, cell in line.items()}
                    for line in top.loc[top["row"] == i, keys].to_dict("records")
                ],
            }
            for i, case in enumerate(sheet.anomalous)
        ]
        normal = [{"image": case.name, "score": case.score} for case in sheet.normal]
        about: dict[str, Any] = {"method": sheet.why.method, "expected_by": sheet.why.expected_by}
        about |= {"n_images": sheet.n_images, "n_anomalies": sheet.n_flagged}
        return about | {"images": images, "most_normal": normal}
