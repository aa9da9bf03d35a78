"""A detector and its parameters from words."""

import pytest

from askew.errors import InvalidInputError
from askew.fitting import build_detector, parse_settings


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
    detector = build_detector(
        "vae", {}, {"--members": ("n_members", 3), "--epochs": ("training__epochs", None)}
    )
    assert detector.get_params()["n_members"] == 3
    with pytest.raises(InvalidInputError, match="--alpha must be left out for vae, which has no alpha"):
        build_detector("vae", {}, {"--alpha": ("alpha", 3)})
