"""No file imports itself by way of others: what only type checkers see and imports in functions count too."""

import ast

from source_tree import PACKAGE, modules, named_by_string


def imported(module, path, known):
    """Return the modules that a file imports anywhere in it; a package is its ``__init__``."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".")
                parents = parts[: len(parts) - node.level + (path.name == "__init__.py")]
                base = ".".join([*parents, *filter(None, [base])])
            for alias in node.names:
                found.add(f"{base}.{alias.name}" if f"{base}.{alias.name}" in known else base)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            found.add(named_by_string(node))
    return (found & set(known)) - {module}


def circles(edges):
    """Return the sets of modules that reach each other, by Tarjan's algorithm."""
    order, low, stack, found = {}, {}, [], []

    def visit(node):
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in sorted(edges[node]):
            if other not in order:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], order[other])
        if low[node] == order[node]:
            place = stack.index(node)
            if len(stack) - place > 1:
                found.append(sorted(stack[place:]))
            del stack[place:]

    for node in edges:
        if node not in order:
            visit(node)
    return found


def test_no_file_imports_itself_by_way_of_others():
    known = modules()
    assert circles({module: imported(module, path, known) for module, path in known.items()}) == []


def test_a_circle_would_be_seen(tmp_path):
    texts = {
        "askew.a": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from askew.b import B\n",
        "askew.b": "def f():\n    from . import c\n",
        "askew.c": "from importlib import import_module\nimport_module('askew.a')\n",
        "askew.d": "import askew.a\n",
    }
    known = {}
    for module, text in texts.items():
        known[module] = tmp_path / f"{module.split('.')[1]}.py"
        known[module].write_text(text)
    edges = {module: imported(module, path, known) for module, path in known.items()}
    assert circles(edges) == [["askew.a", "askew.b", "askew.c"]]


def test_base_and_index_name_no_module_of_a_room_below_by_a_string():
    below = ("askew.calibration", "askew.explain", "askew.export", "askew.scoring")
    for path in (PACKAGE / "index.py", *(PACKAGE / "base").rglob("*.py")):
        found = [
            node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)
        ]
        assert [text for text in found if isinstance(text, str) and text.startswith(below)] == [], path
