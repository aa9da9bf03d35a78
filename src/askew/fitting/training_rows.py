"""Rows to learn from, of whatever kind: a table file or a folder of images behind one protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from askew.scoring import Labelling, Listener

if TYPE_CHECKING:
    from askew.labels import Labels


class TrainingRows(Protocol):
    """The rows of a file or a folder and their labels; made before the long work, so that faults are found at once."""

    default_detector: str
    """Name of the method that is taken where nobody names one."""

    def refuse(self, model: Any) -> None:
        """Refuse a detector that takes no rows of this kind."""

    def read(self, listener: Listener) -> tuple[Any, Labels | None]:
        """Return the rows and their labels."""

    def sentences(self, X: Any, y: Labels | None) -> list[str]:
        """Return in a line each what is learned from, and what was left out."""

    def prepared(self, model: Any, X: Any) -> Any:
        """Return the model as it is to be fitted: behind a preparation if X holds more than numbers."""

    def about(self, X: Any) -> dict[str, Any]:
        """Return what a JSON summary says of the rows."""


@dataclass(frozen=True)
class TrainingOptions:
    """What is learned from a file or a folder.

    Parameters
    ----------
    labelling
        Where the labels stand.
    id_column, drop
        Of a table, columns that are no features.
    column_kinds
        Of a table, texts such as ``zip=category``.
    size
        Side of images in pixels; None: chosen, see :func:`askew.inputs.read_images`.
    skip_corrupt
        Whether images that cannot be read are left out.
    """

    labelling: Labelling = field(default_factory=Labelling)
    id_column: str | None = None
    drop: tuple[str, ...] = ()
    column_kinds: tuple[str, ...] = ()
    size: int | None = None
    skip_corrupt: bool = False
