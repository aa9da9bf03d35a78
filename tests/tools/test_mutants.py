"""Mutants: which faults are put into a module, and that words are left alone."""

import importlib.util
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture(scope="module")
def mutants():
    spec = importlib.util.spec_from_file_location("mutants", TOOLS / "mutants.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutants"] = module  # its dataclass looks there
    spec.loader.exec_module(module)
    yield module
    del sys.modules["mutants"]


SOURCE = '''"""Words."""
LIMIT: int = 3

class Box:
    size: int = 1

    def holds(self, n, least=0):
        """Words, 7."""
        if not least <= n < LIMIT:
            raise ValueError(f"{n + 1} is too many, by {2}")
        warn("5 left")
        return sum(n and 1 for _ in range(n))
'''


@pytest.fixture
def found(mutants, tmp_path):
    (tmp_path / "box.py").write_text(SOURCE)
    return mutants.mutants_of(tmp_path / "box.py", tmp_path)


def test_every_fault_is_named_and_words_are_left_alone(found):
    assert [each.name.removeprefix("box.py | ") for each in found] == [
        "module | LIMIT: int = 4",
        "module | size: int = 2",
        "module | def holds(self, n, least=1):",
        "Box.holds | if False:",
        "Box.holds | if least <= n < LIMIT:",
        "Box.holds | if not least < n < LIMIT:",
        "Box.holds | if not least <= n <= LIMIT:",
        "Box.holds | no warn('5 left')",
        "Box.holds | return mean((n and 1 for _ in range(n)))",
        "Box.holds | return sum((n or 1 for _ in range(n)))",
        "Box.holds | return sum((n and 2 for _ in range(n)))",
    ]


def test_a_fault_is_in_its_own_code_alone(found):
    def holds(code, n):
        names = {"warn": lambda words: None}
        exec(code, names)
        return names["Box"]().holds(n)

    at_limit = next(each for each in found if "<= LIMIT" in each.name)
    assert (at_limit.function, at_limit.inner, at_limit.line) == ("Box.holds", ("Box.holds", 7), 9)
    assert holds(at_limit.code(), 3) == 3
    with pytest.raises(ValueError, match="4 is too many"):
        holds(next(each for each in found if "or 1" in each.name).code(), 3)
