"""What a deep method gives: its own settings of training, and a seed for each member."""

import numpy as np
import pytest
from sklearn.base import clone

import askew
from askew.errors import InvalidInputError
from askew.training import Training
from detector_cases import quick


def test_settings_are_the_methods_own_where_training_leaves_them_out():
    own = askew.VAE()._settings()
    assert (own.epochs, own.lr, own.batch_size) == (150, 1e-3, 128)
    given = askew.VAE(training=Training(epochs=3))._settings()
    assert (given.epochs, given.lr, given.batch_size) == (3, 1e-3, 128)


def test_members_have_seeds_of_their_own_which_the_random_state_decides():
    first, same, other = (quick("vae", random_state=s, n_members=9)._member_seeds() for s in (0, 0, 1))
    assert first == same and len({*first, *other}) == 18
    generator = np.random.RandomState(5)
    assert quick("vae", random_state=generator)._member_seeds() != quick("vae")._member_seeds()
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    unseeded = quick("vae", random_state=None)
    assert unseeded._member_seeds() != clone(unseeded)._member_seeds()
    assert before == np.random.get_state()[1].tolist()  # noqa: NPY002
    with pytest.raises(InvalidInputError, match="random_state of VAE must be"):
        quick("vae", random_state=-1)._member_seeds()
