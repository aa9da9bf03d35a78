"""What askew installs, with licences: docs/dependencies.md, from the metadata of what is installed here.

Run: python tools/dependencies.py    (in an environment with `pip install -c constraints.txt -e '.[all]'`)
"""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "dependencies.md"
HEAD = """# Dependencies and licences

What `pip install askew` and its extras bring, with the versions that CI has and the licences that the
packages declare; written by `python tools/dependencies.py`. askew itself is Apache-2.0; htmx, whose one file
lies in the package for the page of `askew review`, is 0BSD. All licences are permissive but certifi's, the
MPL, which asks that changes to its own files stay open.

| package | version | licence | brought by |
| --- | --- | --- | --- |
"""
WHOLE = "all"


def name_of(package: str) -> str:
    """Return a package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", package).lower()


def declared() -> dict[str, list[Requirement]]:
    """Return what pyproject.toml asks for: ``askew`` itself and each extra for users."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = {"askew": project["dependencies"]} | {
        f"[{extra}]": extras[extra] for extra in sorted(extras) if extra not in (WHOLE, "dev", "docs")
    }
    return {origin: [Requirement(line) for line in lines] for origin, lines in asked.items()}


def closure(asked: list[Requirement]) -> set[str]:
    """Return the names of all that a list of requirements brings on this platform."""
    found: set[tuple[str, str]] = set()
    rest = [(asked_for, extra) for asked_for in asked for extra in ("", *asked_for.extras)]
    while rest:
        requirement, extra = rest.pop()
        key = (name_of(requirement.name), extra)
        if key in found:
            continue
        found.add(key)
        for line in metadata.requires(requirement.name) or []:
            more = Requirement(line)
            if more.marker is None or more.marker.evaluate({"extra": extra}):
                rest += [(more, each) for each in ("", *more.extras)]
    return {name for name, _ in found}


def licence(package: str) -> str:
    """Return the licence that a package declares: an expression, a classifier, or its text's first words."""
    about = metadata.metadata(package)
    if expression := about.get("License-Expression"):
        return str(expression)
    classified = [
        line.split(" :: ")[-1] for line in about.get_all("Classifier") or [] if "License ::" in line
    ]
    named = [line for line in classified if line != "OSI Approved"]
    short = str(about.get("License") or "").strip().split("\n")[0]
    return ", ".join(named) or short[:60] or _first_line(package)


def _first_line(package: str) -> str:
    """Return the first line of a package's own licence file."""
    for file in metadata.files(package) or []:
        if file.name.upper().startswith("LICEN"):
            return file.read_text().strip().split("\n")[0]
    raise SystemExit(f"{package} names no licence: look it up and say it here.")


def rows() -> dict[str, tuple[str, str, str]]:
    """Return {package: (version, licence, what brings it)}, sorted."""
    brought: dict[str, list[str]] = {}
    for origin, asked in declared().items():
        for name in closure(asked):
            if "askew" not in brought.get(name, []):
                brought.setdefault(name, []).append(origin)
    return {
        name: (metadata.version(name).split("+")[0], licence(name), ", ".join(origins))
        for name, origins in sorted(brought.items())
    }


def page() -> str:
    """Return the page's text."""
    return HEAD + "".join(f"| {name} | {' | '.join(cells)} |\n" for name, cells in rows().items())


if __name__ == "__main__":
    PAGE.write_text(page())
