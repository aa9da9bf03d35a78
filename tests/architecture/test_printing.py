"""The command line prints in one place, where text is no markup."""

import ast

import pytest
from source_tree import PACKAGE, calls, tree

COMMANDS = [path for path in (PACKAGE / "cli").glob("*.py") if path.name != "console.py"]


def offences(path):
    named = [ast.unparse(node) for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)]
    imported = [node.module for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
    return (
        [f"print in line {line}" for name, line in calls(path) if name == "print"]
        + [name for name in named if name in ("sys.stderr", "sys.stdout.write", "typer.secho")]
        + [name for name in imported if name and name.startswith("rich.console")]
    )


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_only_the_console_prints(path):
    assert offences(path) == []


def test_an_offence_would_be_seen():
    assert offences(PACKAGE / "cli" / "console.py")
