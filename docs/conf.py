"""The site: ``make docs`` builds it into docs/_build, with one page per method made from its docstring."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx

from askew import __version__, index

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS))

project = "askew"
author = copyright = "the askew authors"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_math_renderer = "mathml"
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "askew"
exclude_patterns = ["_build"]
napoleon_google_docstring = False
napoleon_use_ivar = True
autodoc_typehints = "none"  # the docstrings say types in words
suppress_warnings = [
    "myst.xref_missing"
]  # links out of docs/, such as ../CONTRIBUTING.md; tests/docs checks them

_ROOMS = {
    "objectives": "The papers' losses as plain functions of tensors, for your own training loop.",
    "labels": "The label convention, and converters into it.",
    "selection": "Folds and a scorer that know about labels.",
    "datasets.tables": "The bundled tables.",
    "datasets.splits": "Seeded splits into training and test rows.",
    "training.config": "The settings of training that every deep detector takes.",
    "errors": "Errors that carry their remedy.",
}


def _write(path: Path, text: str) -> None:
    """Write unless nothing changed, so that unchanged pages are not built again."""
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _underlined(title: str) -> str:
    return f"{title}\n{'=' * len(title)}\n\n"


def write_reference() -> None:
    """Write one page per detector, and their list, from the index that everything else reads."""
    folder = DOCS / "reference"
    for name, entry in index.entries().items():
        text = _underlined(f"{entry.class_name} ({name})")
        text += f".. autoclass:: {entry.module}.{entry.class_name}\n\n"
        text += "It is fitted, asked and saved like :doc:`every detector <detector>`.\n"
        _write(folder / f"{name}.rst", text)
    contract = _underlined("Every detector")
    contract += (
        ".. autoclass:: askew.base.detector.Detector\n   :members:\n   :exclude-members: set_fit_request\n"
    )
    _write(folder / "detector.rst", contract)
    for room, summary in _ROOMS.items():
        page = _underlined(f"askew.{room}") + f"{summary}\n\n.. automodule:: askew.{room}\n   :members:\n"
        page += "   :imported-members:\n" if room == "objectives" else ""
        _write(folder / f"room_{room}.rst", page)
    listing = _underlined("Reference")
    for caption, pages in (
        ("One page per method", ["detector", *index.entries()]),
        ("Functions", [f"room_{room}" for room in _ROOMS]),
    ):
        listing += f".. toctree::\n   :maxdepth: 1\n   :caption: {caption}\n\n"
        listing += "".join(f"   {page}\n" for page in pages) + "\n"
    _write(folder / "index.rst", listing)


def _formula(writer: Any, node: nodes.math | nodes.math_block) -> None:
    """Write a formula as MathML, which browsers draw by themselves: the site needs no network."""
    block = isinstance(node, nodes.math_block)
    formula = convert(node.astext(), display="block" if block else "inline")
    writer.body.append(f"<p>{formula}</p>" if block else formula)
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Tell Sphinx how to draw formulas."""
    app.add_html_math_renderer("mathml", (_formula, None), (_formula, None))


write_reference()
