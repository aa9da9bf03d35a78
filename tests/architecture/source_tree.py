"""The package's source as syntax trees."""

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "askew"


def modules():
    """Return {dotted name: path} of every module."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def is_type_checking(node):
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def walk(node, *, type_checking=False):
    """Walk `node` without what only type checkers see."""
    for child in ast.iter_child_nodes(node):
        if is_type_checking(child) and not type_checking:
            continue
        yield child
        yield from walk(child, type_checking=type_checking)


def imports(module, path):
    """Return (imported dotted name, line) of every import in `module`, in functions too."""
    for node in walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = module.split(".")[
                    : len(module.split(".")) - node.level + (path.name == "__init__.py")
                ]
                base = ".".join([*parents, *filter(None, [base])])
            for alias in node.names:
                yield f"{base}.{alias.name}", node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "import_module":
            yield named_by_string(node), node.lineno


def named_by_string(call):
    """Return the constant beginning of what ``import_module`` is asked for, or ""."""
    first = call.args[0]
    if isinstance(first, ast.JoinedStr):
        first = first.values[0]
    return first.value if isinstance(first, ast.Constant) else ""


def calls(path):
    """Return (name of what is called, line): the last part, and the whole where it is dotted."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno
