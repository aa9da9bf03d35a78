"""The index of detectors, generated from the files and packages in ``detectors/`` without importing them.

The public names, the command line's choices, the contract tests, the docs and the benchmark all read this
one index, so adding a method touches one file. Reading source text keeps torch out of ``askew --help``.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from askew.base import Detector


WRAPPERS: dict[str, tuple[str, str]] = {
    "prepared": ("askew.base.prepared", "Prepared"),
    "quantile": ("askew.calibration.quantile", "Quantile"),
    "conformal": ("askew.calibration.conformal", "Conformal"),
    "alert_budget": ("askew.calibration.alert_budget", "AlertBudget"),
    "cost": ("askew.calibration.cost", "Cost"),
}
"""Module and class of each kind of model that wraps a detector, by the name that its files carry."""


METHODS: dict[str, tuple[str, str]] = {"explain": ("askew.explain", "explain")}
"""Methods of every model that rooms below ``base`` implement, as functions whose first argument is the model."""


class Entry(NamedTuple):
    """One detector: its short name, where it lives, its first docstring line and what it takes."""

    name: str
    class_name: str
    module: str
    summary: str
    input_kind: str
    """``"table"`` or ``"text"``, see :attr:`askew.base.Detector.input_kind`."""
    takes_tables: bool
    """False for a detector of texts, or of images alone."""
    takes_images: bool
    """False for a detector of texts, or of tables alone."""

    @property
    def takes(self) -> str:
        """What the detector takes, in a word: ``"table"`` (and maybe images as well), ``"images"`` or ``"text"``."""
        return "images" if self.input_kind == "table" and not self.takes_tables else self.input_kind


def _constants(node: ast.ClassDef) -> dict[str, str | bool]:
    """Return the annotated class attributes that are strings or truth values."""
    return {
        item.target.id: item.value.value
        for item in node.body
        if isinstance(item, ast.AnnAssign)
        and isinstance(item.target, ast.Name)
        and isinstance(item.value, ast.Constant)
        and isinstance(item.value.value, str | bool)
    }


def _entry(path: Path) -> Entry | None:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
            continue
        constants = _constants(node)
        if "name" in constants:
            summary = (ast.get_docstring(node) or "").partition("\n")[0]
            kind = str(constants.get("input_kind", "table"))
            takes = [
                kind == "table" and bool(constants.get(key, True)) for key in ("takes_tables", "takes_images")
            ]
            module = f"askew.detectors.{path.parent.name if path.name == '__init__.py' else path.stem}"
            return Entry(str(constants["name"]), node.name, module, summary, kind, *takes)
    return None


@cache
def entries() -> dict[str, Entry]:
    """Return every detector's entry by its short name, sorted by name."""
    folder = Path(__file__).parent / "detectors"
    found = [_entry(path) for path in (*folder.glob("[!_]*.py"), *folder.glob("*/__init__.py"))]
    return {entry.name: entry for entry in sorted(e for e in found if e is not None)}


def tabular() -> tuple[str, ...]:
    """Return the names of the detectors that take tables of numbers."""
    return tuple(name for name, entry in entries().items() if entry.takes_tables)


def of_images() -> tuple[str, ...]:
    """Return the names of the detectors that take images, whether or not they take tables too."""
    return tuple(name for name, entry in entries().items() if entry.takes_images)


def detector_class(name: str) -> type[Detector]:
    """Return the detector class with the short ``name`` (imports its file, and torch where it needs it).

    Raises
    ------
    KeyError
        If there is no detector of that name; the message lists the names there are.
    """
    if name not in entries():
        raise KeyError(f"no detector is called {name!r}. Choose one of: {', '.join(entries())}.")
    entry = entries()[name]
    return cast("type[Detector]", getattr(import_module(entry.module), entry.class_name))


def wrapper_class(name: str) -> Any:
    """Return the class of the wrapper called ``name`` in files, one of :data:`WRAPPERS`."""
    module, attribute = WRAPPERS[name]
    return getattr(import_module(module), attribute)


def method(name: str) -> Any:
    """Return the function behind a method of every model, one of :data:`METHODS`."""
    module, attribute = METHODS[name]
    return getattr(import_module(module), attribute)


def public_name(attribute: str) -> Any:
    """Return the class of the detector or wrapper called ``attribute``, or None if there is none."""
    for entry in entries().values():
        if entry.class_name == attribute:
            return detector_class(entry.name)
    for name, (_, class_name) in WRAPPERS.items():
        if class_name == attribute:
            return wrapper_class(name)
    return None
