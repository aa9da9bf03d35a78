"""Bring the tables of methods and thresholds up to date with the classes: python tools/method_pages.py.

They stand in README.md, docs/methods.md and docs/thresholds.md. A method without a section gets one made of its
docstring; of the others only the defaults are written anew.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
from pathlib import Path
from typing import Any

from askew import index

ROOT = Path(__file__).parents[1]
README, METHODS, THRESHOLDS = (ROOT / name for name in ("README.md", "docs/methods.md", "docs/thresholds.md"))

COMMON = {"contamination", "network", "scale", "training", "random_state", "device"}
"""Parameters whose defaults the page states once for all methods."""

WIDTH = 108


def row(cls: type[Any]) -> str:
    """Return a method's row in the README's table."""
    return f"| `{cls.name}` | `{cls.__name__}` | {labels(cls)} | {source(cls)} |".replace("|  |", "| |")


def labels(cls: type[Any]) -> str:
    """Return what a method does with known anomalies, and what else it takes than tables."""
    needed = "; needs one" if cls.known_anomalies and cls.needs_anomalies else ""
    usual = "needs known anomalies" if cls.needs_anomalies else "learns from them" if cls.uses_labels else ""
    takes = index.entries()[cls.name].takes
    only = {"images": "; images only", "text": "; for texts"}.get(takes, "")
    return (cls.known_anomalies or usual or "leaves them out") + needed + only


def source(cls: type[Any]) -> str:
    """Return authors and year of a method's reference."""
    found = re.search(
        r"^Reference: ([^(]+?) \((\d{4})\)", inspect.cleandoc(cls.__doc__ or ""), flags=re.MULTILINE
    )
    if cls.paper or not found:
        return str(cls.paper)
    authors = found[1].replace(" and ", ", ").split(", ")
    return f"{', '.join(authors) if len(authors) < 4 else f'{authors[0]} et al.'} {found[2]}"


def readme(text: str) -> str:
    """Return the README with one row per method, in the order that it has, new ones last."""
    before, table, after = _table(text, "name | class")
    shown = re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)
    names = [name for name in shown if name in index.entries()]
    names += [name for name in index.entries() if name not in shown]
    return before + "".join(row(index.detector_class(name)) + "\n" for name in names) + after


def thresholds(text: str) -> str:
    """Return the page of the thresholds with one row per rule, in the order of their places."""
    before, _, after = _table(text, "what you can say | rule")
    rules = [(entry.class_name, entry.constants) for entry in index.threshold_rules().values()]
    rows = (f'| "{of["wish"]}" | `{of["example"]}` | `{name}` | {of["promise"]} |\n' for name, of in rules)
    return before + "".join(rows) + after


def _table(text: str, columns: str) -> tuple[str, str, str]:
    """Return what is before the rows of the table with these first columns, its rows, and what is after them."""
    found = re.search(rf"^(\| {re.escape(columns)} \|.*\n\| ---.*\n)((?:\|.*\n)*)", text, flags=re.MULTILINE)
    if found is None:
        raise ValueError(f"the page has no table with the columns {columns}")
    return text[: found.end(1)], found[2], text[found.end() :]


def defaults(cls: type[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the defaults that a method's section states: its own parameters, and its settings of training."""
    parameters = cls().get_params(deep=False)
    return {key: parameters[key] for key in parameters if key not in COMMON}, getattr(
        cls, "default_training", {}
    )


def in_words(cls: type[Any]) -> str:
    """Return the paragraph of the defaults."""
    groups = [", ".join(f"`{key}={_code(value)}`" for key, value in group.items()) for group in defaults(cls)]
    return _wrapped(f"**Defaults:** {'; '.join(filter(None, groups)) or 'none of its own'}.")


def _code(value: Any) -> str:
    """Return the value as Python, small numbers as 1e-3 and words in double quotes."""
    if isinstance(value, float) and 0 < abs(value) < 0.01 and float(f"{value:.0e}") == value:
        return f"{value:.0e}".replace("e-0", "e-")
    return json.dumps(value) if isinstance(value, str) else repr(value)


def section(cls: type[Any]) -> str:
    """Return a section made of a method's docstring."""
    parts = re.split(r"\n\n(?=\w+\n---)", inspect.cleandoc(cls.__doc__ or ""), maxsplit=1)[0].split("\n\n")
    (reference,) = [part for part in parts if part.startswith("Reference")] or [""]
    about = re.sub(r"^References?: ", "", " ".join(reference.split()))
    paragraphs = [f"`{cls.name}`, `askew.{cls.__name__}`. Known anomalies: {labels(cls)}. {about}"]
    paragraphs += [" ".join(part.split()) for part in parts if part != reference]
    text = "\n\n".join(_wrapped(_markdown(part)) for part in paragraphs)
    return f"## {cls.__name__}\n\n{text}\n\n{in_words(cls)}\n"


def methods(text: str) -> str:
    """Return the page of the methods with a section per method, each with its defaults."""
    intro, *sections = re.split(r"(?=^## )", text, flags=re.MULTILINE)
    named = {re.search(r"`(\w+)`", each)[1]: each for each in sections}  # type: ignore[index]
    for name in index.entries():
        cls = index.detector_class(name)
        if name not in named:
            named[name] = "\n" + section(cls)
        elif _stated(named[name]) != defaults(cls)[0] | defaults(cls)[1]:
            named[name] = re.sub(
                r"\*\*Defaults:\*\*.*?(?=\n\n|\n*\Z)",
                lambda _, cls=cls: in_words(cls),
                named[name],
                flags=re.DOTALL,
            )
    return intro + "".join(each for name, each in named.items() if name in index.entries())


def _stated(text: str) -> dict[str, Any]:
    found = re.findall(r"`(\w+)=([^`]+)`", text.partition("**Defaults:**")[2])
    return {key: ast.literal_eval(value) for key, value in found}


def _markdown(text: str) -> str:
    text = re.sub(r":math:`([^`]*)`", r"$\1$", text)
    return re.sub(r":\w+:`~?([^`]*)`", r"`\1`", text).replace("``", "`")


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False))


if __name__ == "__main__":
    for page, brought in ((README, readme), (METHODS, methods), (THRESHOLDS, thresholds)):
        page.write_text(brought(page.read_text(encoding="utf-8")), encoding="utf-8")
