"""What is learned from a file or a folder of images, as a person says it."""

from __future__ import annotations

from dataclasses import dataclass, field

from askew.fitting.answers import Answers
from askew.inputs import TextFormat
from askew.scoring import Labelling

ROWS = 200_000
"""Most unlabelled rows that are learned from: more would take time and memory, and hardly change a model."""


@dataclass(frozen=True)
class TrainingOptions:
    """What is learned from a file or a folder, and where the labels stand.

    Of a table, `id_column` and `drop` are no features, `column_kinds` are texts such as ``zip=category``, and
    `text_format` says how its text is written. At most `n_most` rows (None: :data:`ROWS`) that are unlabelled, and as
    many known normal ones, are drawn by `seed`. Of images, `size` is the side in pixels (None: see
    :func:`askew.inputs.read_images`) or the `image_shape` that a model takes, (channels, height, width), and
    `skip_corrupt` says whether those that cannot be read are left out. `answers` are labels beside the data.
    """

    labelling: Labelling = field(default_factory=Labelling)
    id_column: str | None = None
    drop: tuple[str, ...] = ()
    column_kinds: tuple[str, ...] = ()
    size: int | None = None
    skip_corrupt: bool = False
    n_most: int | None = None
    seed: int = 0
    text_format: TextFormat = field(default_factory=TextFormat)
    image_shape: tuple[int, int, int] | None = None
    answers: Answers | None = None
