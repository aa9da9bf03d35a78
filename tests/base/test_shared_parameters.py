"""Shared parameters: what scikit-learn reads of a constructor that a dataclass writes."""

import pickle

import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_parameters_default_constructible

import askew
from askew.base.shared_parameters import (
    EnsembleParameters,
    NetworkParameters,
    SeedParameters,
    ThresholdParameters,
)
from askew.training import Training


def test_get_set_clone_and_repr():
    detector = askew.DPVAE(alpha=3.0, training=Training(lr=0.5))
    assert detector.get_params()["alpha"] == 3.0 and detector.get_params()["training__lr"] == 0.5
    assert list(detector.get_params(deep=False)) == sorted(detector.get_params(deep=False))
    again = clone(detector.set_params(beta_kl=0.1, training__epochs=7))
    assert (again.beta_kl, again.training.epochs, again.training is detector.training) == (0.1, 7, False)
    assert repr(again) == "DPVAE(alpha=3.0, beta_kl=0.1, training=Training(epochs=7, lr=0.5))"
    check_parameters_default_constructible("DPVAE", detector)


def test_two_alike_are_two():
    one, other = askew.DPVAE(), askew.DPVAE()
    assert one != other and len({one, other}) == 2


def test_a_pickle_keeps_the_parameters():
    detector = askew.KernelSSAD(gamma=0.5, random_state=3)
    assert pickle.loads(pickle.dumps(detector)).get_params() == detector.get_params()


@pytest.mark.parametrize(
    "given, message", [({"bet": 1}, r"DPVAE.__init__\(\) got an unexpected keyword .*'bet'")]
)
def test_an_unknown_parameter_is_refused(given, message):
    with pytest.raises(TypeError, match=message):
        askew.DPVAE(**given)


def test_own_parameters_have_an_order_shared_ones_have_none():
    assert askew.Hybrid("vae", "kde").get_params(deep=False)["detector"] == "kde"
    with pytest.raises(TypeError, match=r"DPVAE.__init__\(\) takes 1 positional argument"):
        askew.DPVAE(0.05)


@pytest.mark.parametrize(
    "base, names",
    [
        (ThresholdParameters, {"contamination"}),
        (SeedParameters, {"contamination", "random_state"}),
        (EnsembleParameters, {"contamination", "random_state", "training", "n_members", "device"}),
        (
            NetworkParameters,
            {"contamination", "random_state", "training", "n_members", "device", "scale", "network"},
        ),
    ],
)
def test_what_a_base_adds(base, names):
    assert set(vars(base())) == names
