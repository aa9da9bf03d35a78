"""``--set name=value``."""

import pytest

from askew.cli.bench import parse_seeds
from askew.cli.parameters import build, parse_settings
from askew.errors import InvalidInputError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("1e-3", 1e-3),
        ("-2.5", -2.5),
        ("True", True),
        ("true", True),
        ("FALSE", False),
        ("none", None),
        ("None", None),
        ("random", "random"),
        ("'1'", "1"),
        ("(50, 100)", (50, 100)),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_values(text, value):
    found = parse_settings([f"name={text}"])["name"]
    assert found == value and type(found) is type(value)


def test_values_are_never_run():
    assert parse_settings(["x=__import__('os').getcwd()"]) == {"x": "__import__('os').getcwd()"}


def test_blanks_around_names_and_values():
    assert parse_settings([" alpha = 3 "]) == {"alpha": 3}


def test_shortcuts_that_a_method_lacks_are_refused():
    detector = build("vae", {}, {"--members": ("n_members", 3), "--epochs": ("training__epochs", None)})
    assert detector.get_params()["n_members"] == 3
    with pytest.raises(InvalidInputError, match="--alpha must be left out for vae, which has no alpha"):
        build("vae", {}, {"--alpha": ("alpha", 3)})


@pytest.mark.parametrize(
    ("text", "seeds"),
    [(None, None), ("1", [0]), ("3", [0, 1, 2]), ("4-6", [4, 5, 6]), ("5-5", [5]), ("7, 0", [7, 0])],
)
def test_seeds(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "0", "-1", "3-1", "1.5", "a", "1;2", "1--2", "7,"])
def test_seeds_that_are_refused(text):
    with pytest.raises(InvalidInputError, match="--seeds must be"):
        parse_seeds(text)
