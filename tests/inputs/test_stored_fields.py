"""Fields of a file that are not of the type that their class declares are refused."""

from dataclasses import dataclass

import pytest

from askew.inputs.stored_fields import check_fields


@dataclass
class Stored:
    """A field of each type that is checked."""

    count: int = 1
    fill: float = 0.5
    word: str = "a"
    known: bool = True
    numbers: tuple[float, ...] = (1, 2.5)
    words: tuple[str, ...] = ("a",)


def test_values_of_the_declared_types_pass():
    check_fields(Stored, {**vars(Stored()), "fill": 3, "numbers": [1.0], "words": [], "other": object()})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("count", value) for value in (1.5, True, "1", 2**63, None)],
        *[("fill", value) for value in (float("nan"), True, "1", None)],
        *[("word", value) for value in (1, None)],
        *[("known", value) for value in (1, "true")],
        *[("numbers", value) for value in (("a",), (True,), [None], "12", {})],
        *[("words", value) for value in ((1,), "ab", {})],
    ],
)
def test_others_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} of Stored is "):
        check_fields(Stored, {name: value})
