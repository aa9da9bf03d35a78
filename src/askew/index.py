"""The index of detectors and of what wraps them, generated from the package's source without importing it.

The public names, the command line's choices, the contract tests, the docs and the benchmark all read this
one index, so adding a method touches one file. Reading source text keeps torch out of ``askew --help``.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


def wrapper(cls: type[T]) -> type[T]:
    """Mark a class as a kind of model that wraps another one; its ``name`` is the one that its files carry."""
    return cls


def model_method(function: Callable[..., T]) -> Callable[..., T]:
    """Mark a function as a method of every model, which is its first argument."""
    return function


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


def _constants(node: ast.ClassDef) -> dict[str, Any]:
    """Return the annotated class attributes that are strings, numbers or truth values."""
    return {
        item.target.id: item.value.value
        for item in node.body
        if isinstance(item, ast.AnnAssign)
        and isinstance(item.target, ast.Name)
        and isinstance(item.value, ast.Constant)
        and isinstance(item.value.value, str | int)
    }


def _entry(path: Path) -> Entry | None:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
            continue
        constants = _constants(node)
        if "name" in constants:
            summary = (ast.get_docstring(node) or "").partition("\n")[0]
            kind = str(constants.get("input_kind", "table"))
            keys = "takes_tables", "takes_images"
            takes = [kind == "table" and bool(constants.get(key, True)) for key in keys]
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


def _imported(entry: Entry | WrapperEntry) -> type[Any]:
    found: type[Any] = getattr(import_module(entry.module), entry.class_name)
    return found


def detector_class(name: str) -> type[Any]:
    """Return the detector class with the short ``name`` (imports its file); a KeyError lists the names there are."""
    if name not in entries():
        raise KeyError(f"no detector is called {name!r}. Choose one of: {', '.join(entries())}.")
    return _imported(entries()[name])


class WrapperEntry(NamedTuple):
    """One kind of model that wraps another: its name in files, where it lives, and its constants."""

    name: str
    class_name: str
    module: str
    constants: dict[str, Any]


@cache
def _marked(mark: str) -> list[tuple[str, Any]]:
    """Return (module, definition) of what carries a mark of this module, from the text of all files."""
    package = Path(__file__).parent
    found = []
    for path in sorted(package.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if f"\n@{mark}\n" in text:
            module = ".".join(("askew", *path.relative_to(package).with_suffix("").parts))
            for node in ast.parse(text).body:
                if mark in map(ast.unparse, getattr(node, "decorator_list", ())):
                    found.append((module, node))
    return found


@cache
def wrappers() -> dict[str, WrapperEntry]:
    """Return every wrapper's entry by its name."""
    marked = [(module, node.name, _constants(node)) for module, node in _marked("wrapper")]
    return {each["name"]: WrapperEntry(each["name"], name, module, each) for module, name, each in marked}


def threshold_rules() -> dict[str, WrapperEntry]:
    """Return the thresholds that can be asked for in words, by their word, in the order of their places."""
    rules = [entry for entry in wrappers().values() if "example" in entry.constants]
    rules.sort(key=lambda entry: int(entry.constants["place"]))
    return {entry.constants["example"].partition(":")[0]: entry for entry in rules}


def threshold_examples() -> str:
    """Return an example of each threshold in words, for the help of commands."""
    rules = [entry.constants for entry in threshold_rules().values()]
    *others, last = (
        f"{rule['example']} ({rule['example_in_words']})" if "example_in_words" in rule else rule["example"]
        for rule in rules
    )
    return f"{', '.join(others)} or {last}"


def wrapper_class(name: str) -> Any:
    """Return the class of the wrapper called ``name`` in files, one of :func:`wrappers`."""
    return _imported(wrappers()[name])


def model_class(name: str) -> Any:
    """Return the class of the detector or wrapper called ``name``, or None if there is none."""
    entry = wrappers().get(name) or entries().get(name)
    return None if entry is None else _imported(entry)


def model_method_named(name: str) -> Any:
    """Return the function that is a method of every model (imports its file)."""
    (module,) = (module for module, node in _marked("model_method") if node.name == name)
    return getattr(import_module(module), name)


def public_name(attribute: str) -> Any:
    """Return the class of the detector or wrapper called ``attribute``, or None if there is none."""
    every: list[Entry | WrapperEntry] = [*entries().values(), *wrappers().values()]
    entry = next((each for each in every if each.class_name == attribute), None)
    return None if entry is None else _imported(entry)
