"""Shared parameters: what scikit-learn reads of a constructor that a dataclass writes, and what docstrings say."""

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
    complete_docstring,
    training_in_words,
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


class Base:
    """A base.

    Parameters
    ----------
    a : int
        The base's a,
        in two lines.
    b, c : float
        Both.

    Examples
    --------
    >>> 1
    1
    """


def completed(text, **attributes):
    cls = type("Below", (Base,), {"__doc__": text, **attributes})
    complete_docstring(cls)
    return cls.__doc__


def test_a_class_without_parameters_gets_the_bases():
    found = completed("Summary.\n\n    Raises\n    ------\n    ValueError\n        Never.\n    ")
    assert found == (
        "Summary.\n\nParameters\n----------\na : int\n    The base's a,\n    in two lines.\nb, c : float\n    Both.\n\n"
        "Raises\n------\nValueError\n    Never.\n"
    )


def test_own_words_come_first_and_count():
    found = completed(
        "S.\n\n    Parameters\n    ----------\n    d : int\n        D.\n    b, c : float\n        Mine.\n"
    )
    assert found.endswith(
        "d : int\n    D.\nb, c : float\n    Mine.\na : int\n    The base's a,\n    in two lines.\n"
    )


def test_defaults_of_training_are_told_once():
    defaults = {"epochs": 9, "lr": 2e-3, "batch_size": 4}
    assert (
        "training : Training, optional\n    Defaults: 9 epochs, Adam at 2e-3, batches of 4.\n"
        in completed("S.", default_training=defaults)
    )
    own = "S.\n\nParameters\n----------\ntraining : Training\n    Mine."
    assert "Defaults" not in completed(own, default_training=defaults)


def test_all_that_a_method_may_set_has_words():
    found = training_in_words(
        {
            "epochs": 30,
            "pretrain_epochs": 20,
            "lr": 1e-3,
            "batch_size": 8,
            "weight_decay": 5e-4,
            "clip_grad_norm": 5.0,
        }
    )
    assert found == (
        "30 epochs after 20 of pre-training, Adam at 1e-3, batches of 8, weight decay 5e-4, gradients clipped at 5"
    )


def test_without_docstrings_there_is_nothing_to_complete():
    assert completed(None) is None


def test_a_method_that_needs_anomalies_says_what_it_raises():
    example = "S.\n\nExamples\n--------\n>>> 2\n2\n"
    assert "Raises\n------\nLabelError\n    By `fit`, if no row is labelled -1.\n\nExamples" in completed(
        example, needs_anomalies=True
    )
    assert "LabelError" not in completed(example, needs_anomalies=False)
