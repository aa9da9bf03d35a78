"""Mutants: small faults put into the source one at a time, to see whether a test notices.

A mutant replaces one node of a module's syntax tree. What only words are made of (messages of errors and
warnings, f-strings, docstrings, annotations, decorators) is left alone.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
TWINS = (
    ("min", "max"),
    ("minimum", "maximum"),
    ("argmin", "argmax"),
    ("amin", "amax"),
    ("any", "all"),
    ("floor", "ceil"),
    ("sum", "mean"),
    ("mean", "sum"),
    ("exp", "expm1"),
    ("log", "log1p"),
    ("zeros", "ones"),
    ("ones", "zeros"),
    ("square", "abs"),
    ("median", "mean"),
)
CALLS = dict(TWINS) | {second: first for first, second in TWINS}
WORDS = {"must", "warn", "TypeVar", "cast", "Path", "getLogger"}
"""Calls whose arguments are words for people, or types."""
CAUTIONS = {"strict", "stacklevel"}
"""Keywords that no correct program can tell apart: zip's refusal of unequal lengths, and where a warning points."""


@dataclass(frozen=True)
class Mutant:
    """One fault: ``node.field`` (or its ``index``-th entry) becomes ``replacement``."""

    path: Path
    module: str
    tree: ast.Module
    node: ast.AST
    field: str
    index: int | None
    replacement: ast.AST
    line: int
    function: str
    """Qualified name of the outermost function around it; empty for code that runs on import."""
    inner: tuple[str, int]
    """Qualified name and first line of the innermost function around it: the tests that call it are run."""
    name: str
    """What is shown, and the key of survivors' reasons: module, function and the mutated statement."""
    before: str
    """The statement as it stands in the source."""

    def code(self) -> CodeType:
        """Return the compiled module with the fault in it."""
        old = getattr(self.node, self.field)
        if self.index is None:
            setattr(self.node, self.field, self.replacement)
        else:
            kept, old[self.index] = old[self.index], self.replacement
        try:
            return compile(ast.fix_missing_locations(self.tree), str(self.path), "exec")
        finally:
            if self.index is None:
                setattr(self.node, self.field, old)
            else:
                old[self.index] = kept


def _operators(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in the place of an expression or statement."""
    match node:
        case ast.Compare(left, ops, comparators):
            for place, op in enumerate(ops):
                other = [*ops[:place], COMPARISONS[type(op)](), *ops[place + 1 :]]
                yield ast.Compare(left, other, comparators)
        case ast.BinOp(_, ast.BitOr(), ast.Constant(None)):  # a type
            return
        case ast.BinOp(left, op, right) if type(op) in ARITHMETIC:
            yield ast.BinOp(left, ARITHMETIC[type(op)](), right)
        case ast.AugAssign(target, op, value) if type(op) in ARITHMETIC:
            yield ast.AugAssign(target, ARITHMETIC[type(op)](), value)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.And() if isinstance(op, ast.Or) else ast.Or(), values)
        case ast.UnaryOp(ast.Not() | ast.Invert(), operand):
            yield operand
        case ast.UnaryOp(ast.USub(), operand) if not isinstance(operand, ast.Constant):
            yield operand
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value) | float(value)):
            yield ast.Constant(value + 1)
        case ast.IfExp(test, body, orelse) if not isinstance(test, (ast.Compare, ast.UnaryOp)):  # done there
            yield ast.IfExp(test, orelse, body)
        case ast.Call(ast.Name(name), args, keywords) if name in CALLS:
            yield ast.Call(ast.Name(CALLS[name], ast.Load()), args, keywords)
        case ast.Call(ast.Attribute(value, name), args, keywords) if name in CALLS:
            yield ast.Call(ast.Attribute(value, CALLS[name], ast.Load()), args, keywords)
        case ast.If(_, body, orelse):
            yield ast.If(ast.Constant(False), body, orelse)
        case ast.Expr(ast.Call()):
            yield ast.Pass()
        case ast.Assign([ast.Subscript()]):
            yield ast.Pass()
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()


def _is_words(node: ast.AST) -> bool:
    match node:
        case ast.Raise() | ast.JoinedStr() | ast.Import() | ast.ImportFrom() | ast.Assert():
            return True
        case ast.Call(ast.Name(name) | ast.Attribute(_, name)):
            return name in WORDS or name.startswith(("warn", "_warn"))
        case ast.If(ast.Name("TYPE_CHECKING")):
            return True
        case ast.keyword(arg) if arg in CAUTIONS:
            return True
    return False


def _header(statement: ast.stmt) -> str:
    """Return a statement as one line, without its decorators and the block that it begins."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        statement = copy(statement)
        statement.decorator_list = []
    return " ".join(ast.unparse(statement).split("\n", 1)[0].split())


class _Walk:
    """A walk through a module that knows which function and statement it is in."""

    def __init__(self, path: Path, root: Path) -> None:
        self.path, self.module = path, path.relative_to(root).as_posix()
        self.tree = ast.parse(path.read_text(), str(path))
        self.found: list[Mutant] = []
        self.names: Counter[str] = Counter()

    def __call__(self) -> list[Mutant]:
        for index, statement in enumerate(self.tree.body):
            self._at(self.tree, "body", index, statement, (), (), statement)
        return self.found

    def _at(
        self,
        parent: ast.AST,
        field: str,
        index: int | None,
        node: ast.AST,
        scope: tuple[str, ...],
        functions: tuple[tuple[str, int], ...],
        statement: ast.stmt,
    ) -> None:
        if isinstance(node, ast.stmt):
            statement = node
        for other in _operators(node):
            if not (_is_words(node) and not isinstance(node, ast.Call)):
                self._keep(parent, field, index, node, ast.copy_location(other, node), functions, statement)
        if _is_words(node):
            return
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            within = (*scope, node.name)
            if isinstance(node, ast.FunctionDef):
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                inside = (*functions, (".".join(within), first))
                for name in ("defaults", "kw_defaults"):
                    for place, default in enumerate(getattr(node.args, name)):
                        if default is not None:
                            self._at(node.args, name, place, default, scope, functions, statement)
                within = (*within, "<locals>")
            else:
                inside = functions
            for place, each in enumerate(node.body):
                self._at(node, "body", place, each, within, inside, each)
            return
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "decorator_list", "type_params"):
                continue
            if isinstance(value, ast.AST):
                self._at(node, name, None, value, scope, functions, statement)
            elif isinstance(value, list):
                for place, each in enumerate(value):
                    if isinstance(each, ast.AST):
                        self._at(node, name, place, each, scope, functions, statement)

    def _keep(
        self,
        parent: ast.AST,
        field: str,
        index: int | None,
        node: ast.AST,
        other: ast.AST,
        functions: tuple[tuple[str, int], ...],
        statement: ast.stmt,
    ) -> None:
        before = _header(statement)
        fault = Mutant(
            *(self.path, self.module, self.tree, parent, field, index, other, getattr(node, "lineno", 0)),
            *(functions[0][0] if functions else "", functions[-1] if functions else ("", 0), "", before),
        )
        if isinstance(node, ast.stmt):
            after = _header(other) if not isinstance(other, ast.Pass) else f"no {before}"
        else:
            values = getattr(parent, field)
            if index is None:
                setattr(parent, field, other)
            else:
                kept, values[index] = values[index], other
            after = _header(statement)
            if index is None:
                setattr(parent, field, values)
            else:
                values[index] = kept
        name = f"{self.module} | {functions[-1][0] if functions else 'module'} | {after}"
        name = name.replace(".<locals>", "")
        self.names[name] += 1
        if self.names[name] > 1:
            name = f"{name} #{self.names[name]}"
        object.__setattr__(fault, "name", name)
        self.found.append(fault)


def mutants_of(path: Path, root: Path) -> list[Mutant]:
    """Return every mutant of a module; names are relative to `root`."""
    return _Walk(path, root)()
