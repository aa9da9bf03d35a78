"""Checks of parameters: numbers beyond all floats are refused as any other that does not fit."""

from fractions import Fraction

import pytest

import askew
from askew.errors import InvalidInputError, require_whole
from askew.training import Training

X = [[0.0], [1.0], [2.0], [3.0]]


@pytest.mark.parametrize("number", [10**400, -(10**400), Fraction(10**400, 3)], ids=range(3))
@pytest.mark.parametrize("name", ["contamination", "alpha", "n_members", "training__lr", "training__epochs"])
def test_numbers_beyond_all_floats_are_refused_by_name(name, number):
    detector = askew.DPVAE().set_params(**{name: number})
    with pytest.raises(
        InvalidInputError, match=rf"{name.split('__')[-1]} of \w+ must be .*; got .+\. "
    ) as error:
        detector.fit(X)
    assert len(str(error.value)) < 2500


def test_a_number_that_python_does_not_write_is_refused_in_words():
    with pytest.raises(InvalidInputError, match="got a number of more digits than Python writes"):
        require_whole("k", "top", 10**5000, 1, "Five.")


def test_every_number_of_a_training_has_an_end():
    with pytest.raises(
        InvalidInputError, match="batch_size of Training must be an integer of at least 2 and at most"
    ):
        askew.VAE(training=Training(batch_size=2**63)).fit(X)
