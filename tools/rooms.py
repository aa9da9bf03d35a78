"""The rooms of the package, in their order, and the picture of them in CONTRIBUTING.md.

Run: python tools/rooms.py    (draws the picture again; tests/architecture/test_rooms.py holds code and picture to it)
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from textwrap import fill

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "askew"
PAGE = ROOT / "CONTRIBUTING.md"
BEGIN, END = "<!-- rooms: begin -->", "<!-- rooms: end -->"

ROOMS = (
    "allocator",
    "errors",
    "own_warnings",
    "plain_text",
    "index",
    "distributed",
    "labels",
    "inputs",
    "networks",
    "objectives",
    "training",
    "files",
    "base.preparation",
    "base",
    "selection",
    "families",
    "detectors",
    "calibration",
    "explain",
    "export",
    "scoring",
    "drift",
    "fitting",
    "review",
    "compat",
    "datasets",
    "applications",
    "benchmarks.runs",
    "benchmarks.result_tables",
    "benchmarks.protocols.classic",
    "benchmarks.protocols.few_labels",
    "benchmarks.protocols.images",
    "benchmarks.protocols.label_loop",
    "benchmarks.protocols.motion_planning",
    "benchmarks.protocols.sentiment",
    "benchmarks.protocols",
    "benchmarks.report",
    "benchmarks",
    "model_card",
    "serving",
    "review.page",
    "cli",
)
"""A room imports from itself and from the rooms before it, never from one after it."""


@cache
def modules() -> dict[str, Path]:
    """Return the file of every module by its dotted name."""
    paths = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        paths[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return paths


@cache
def tree(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(module: str, path: Path) -> list[tuple[str, int]]:
    """Return (dotted name, line) of all that a module imports: in functions and for type checkers too."""
    names = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parents = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
            base = parents[: len(parents) + 1 - node.level] if node.level else []
            start = ".".join([*base, *filter(None, [node.module])])
            names += [(f"{start}.{alias.name}", node.lineno) for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "import_module":
            names.append((_begin_of_text(node.args[0]), node.lineno))
    return names


def _begin_of_text(node: ast.expr) -> str:
    """Return the constant beginning of a text, "" if it has none."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) else node
    return str(first.value) if isinstance(first, ast.Constant) else ""


def room_of(name: str) -> str | None:
    """Return the innermost room that a dotted name lies in; ``python -m askew`` is the command line."""
    inner = name.removeprefix("askew.").replace("__main__", "cli")
    while inner and inner not in ROOMS:
        inner = inner.rpartition(".")[0]
    return inner or None


def module_of(name: str) -> str | None:
    """Return the module that an imported name is, or is defined in; None outside of the package."""
    while name and name not in modules():
        name = name.rpartition(".")[0]
    return name if name.startswith("askew.") else None


def neighbours() -> dict[str, set[str]]:
    """Return for each room the other rooms that it imports from."""
    used: dict[str, set[str]] = {room: set() for room in ROOMS}
    for module, path in modules().items():
        room = room_of(module)
        if room is not None:
            used[room] |= {other for name, _ in imports(module, path) if (other := room_of(name))} - {room}
    return used


def layers() -> list[list[str]]:
    """Return the rooms in layers: each uses a room of the layer above it, and none of its own or below."""
    used = neighbours()
    depth: dict[str, int] = {}
    for room in ROOMS:
        depth[room] = 1 + max((depth[other] for other in used[room]), default=-1)
    return [[room for room in ROOMS if depth[room] == level] for level in range(max(depth.values()) + 1)]


def line_about(room: str) -> str:
    """Return the first sentence of a room's docstring."""
    path = PACKAGE.joinpath(*room.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return (
        " ".join((ast.get_docstring(tree(file)) or "").partition("\n\n")[0].split())
        .replace("``", "`")
        .replace(":mod:", "")
    )


def drawing() -> str:
    """Return the picture of the rooms and a line about each, as Markdown."""
    width = 76
    floors = []
    for layer in layers():
        rows = fill("   ".join(room.replace(".", "\u2024") for room in layer), width).splitlines()
        rows = [row.replace("\u2024", ".") for row in rows]
        floors.append("\n".join(f"│ {row.center(width)} │" for row in rows))
    roof, ceiling, floor = (
        "┌" + "─" * (width + 2) + "┐",
        "├" + "─" * (width + 2) + "┤",
        "└" + "─" * (width + 2) + "┘",
    )
    picture = "\n".join([roof, f"\n{ceiling}\n".join(floors), floor])
    lines = "\n".join(f"| `{room}` | {line_about(room)} |" for room in ROOMS)
    return f"```text\n{picture}\n```\n\n| room | what it is |\n| --- | --- |\n{lines}"


def drawn(page: str) -> str:
    """Return the page with the picture of today in its place."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{drawing()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
