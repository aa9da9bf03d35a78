"""The package's source as syntax trees; what its rooms are stands in tools/rooms.py."""

import ast
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import rooms
from rooms import PACKAGE, imports, modules, tree

__all__ = ["PACKAGE", "calls", "imports", "modules", "rooms", "tree"]


def calls(path):
    """Yield (name of what is called, line): the last part, and the whole where it is dotted."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno
