"""Every constructor parameter is read somewhere: none is only stored, and none only checked."""

import ast
import inspect
import re
import sys
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from source_tree import modules, tree

from askew import index
from askew.base.shared_parameters import NetworkParameters, ThresholdParameters
from askew.training import Settings

CHECKS = ("__init__", "_check_parameters")


def reads(node, skip=CHECKS):
    """Return the names of all attributes that are read under `node`, outside constructors and checks."""
    found = set()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef) and (child.name in skip or child.name.startswith("check_")):
            continue
        if isinstance(child, ast.Attribute) and isinstance(child.ctx, ast.Load):
            found.add(child.attr)
        found |= reads(child, skip)
    return found


def read_by(cls):
    """Return the attributes that the classes above `cls` read, in their own class bodies."""
    found = set()
    for base in cls.__mro__:
        if not base.__module__.startswith("askew."):
            continue
        path = Path(sys.modules[base.__module__].__file__)
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and node.name == base.__name__:
                found |= reads(node)
    return found


def test_parameters_of_detectors_are_read():
    unread = []
    for name in index.entries():
        cls = index.detector_class(name)
        unread += [f"{name}: {p}" for p in sorted({*inspect.signature(cls).parameters} - read_by(cls))]
    assert unread == []


@pytest.mark.parametrize("name", index.entries())
def test_a_constructor_only_stores(name):
    """It is the dataclass's, the class's own, and nothing follows it."""
    cls = index.detector_class(name)
    assert "__init__" in vars(cls) and not hasattr(cls, "__post_init__")
    assert not any(
        isinstance(item, ast.FunctionDef) and item.name == "__init__"
        for base in cls.__mro__
        if base.__module__.startswith("askew.")
        for node in tree(Path(sys.modules[base.__module__].__file__)).body
        if isinstance(node, ast.ClassDef) and node.name == base.__name__
        for item in node.body
    )
    assert [field.name for field in fields(cls) if field.init and field.default is not MISSING] == [
        field.name for field in fields(cls)
    ]
    assert sorted(inspect.signature(cls).parameters) == sorted(field.name for field in fields(cls))


@pytest.mark.parametrize("name", index.entries())
def test_shared_parameters_are_given_by_keyword(name):
    """One that all detectors take has the same place nowhere, so it has none."""
    parameters = inspect.signature(index.detector_class(name)).parameters
    positional = {key for key, each in parameters.items() if each.kind is not each.KEYWORD_ONLY}
    shared = {field.name for base in (NetworkParameters, ThresholdParameters) for field in fields(base)}
    assert not positional & shared


@pytest.mark.parametrize("name", index.entries())
def test_a_docstring_lists_every_parameter_once_its_own_first(name):
    cls = index.detector_class(name)
    section = re.split(r"\n(?:Attributes|Raises|Examples)\n", cls.__doc__.split("Parameters\n")[1])[0]
    documented = [
        part.strip()
        for line in section.splitlines()
        if line.strip() and not line.startswith(" ") and "---" not in line
        for part in line.split(":")[0].split(",")
    ]
    assert sorted(documented) == sorted(inspect.signature(cls).parameters)
    own = [field.name for field in fields(cls) if field.name in cls.__annotations__]
    assert [parameter for parameter in documented if parameter in own] == own


@pytest.mark.parametrize("setting", Settings.__dataclass_fields__)
def test_a_setting_of_training_is_read(setting):
    rooms = ("askew.base.", "askew.families.", "askew.detectors.")
    found = {
        attribute
        for module, path in modules().items()
        if module.startswith(rooms)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and ast.unparse(node.value) in ("settings", "self._settings()")
        for attribute in [node.attr]
    }
    assert setting in found


def test_one_that_is_only_stored_or_checked_would_be_seen():
    source = ast.parse(
        "class A:\n"
        "    def __init__(self, a, b, c):\n        self.a, self.b, self.c = a, b, c\n        print(self.a)\n"
        "    def _check_parameters(self):\n        return self.b > 0\n"
        "    def fit(self):\n        self.a = 3\n        return self.c\n"
    )
    assert reads(source) & {"a", "b", "c"} == {"c"}
