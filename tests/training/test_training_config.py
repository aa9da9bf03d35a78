"""The settings: what was given, then the method's, then the general ones; and what is refused."""

import numpy as np
import pytest
from sklearn.base import clone

from askew.errors import InvalidInputError
from askew.training import Settings, Training


def test_what_was_given_wins_over_the_methods_defaults_and_those_over_the_general_ones():
    settings = Training(lr=0.5).resolve({"lr": 0.1, "epochs": 7})
    assert (settings.lr, settings.epochs, settings.batch_size) == (0.5, 7, Settings().batch_size)


def test_a_zero_that_was_given_counts():
    assert Training(weight_decay=0.0, pretrain_epochs=0).resolve({"weight_decay": 0.1}).weight_decay == 0.0


def test_every_setting_can_be_given():
    assert set(Training().get_params()) == set(Settings.__dataclass_fields__)


def test_the_constructor_only_stores():
    training = Training(epochs="many", lr=-1)
    assert training.get_params()["epochs"] == "many"
    assert clone(training).lr == -1


@pytest.mark.parametrize("value", [np.int64(3), np.int32(3), 3])
def test_whole_numbers_of_numpy_are_whole_numbers(value):
    assert Training(epochs=value, batch_size=value).resolve({}).epochs == 3


def test_numbers_of_numpy_are_numbers():
    assert Training(lr=np.float32(0.5)).resolve({}).lr == 0.5


@pytest.mark.parametrize(
    "name, value",
    [
        ("epochs", 0),
        ("epochs", 2.5),
        ("epochs", "10"),
        ("epochs", True),
        ("batch_size", 1),
        ("pretrain_epochs", -1),
        ("members_at_once", 0),
        ("lr", 0.0),
        ("lr", -1e-3),
        ("lr", float("nan")),
        ("lr", float("inf")),
        ("lr", "fast"),
        ("lr_gamma", 0.0),
        ("weight_decay", -1.0),
        ("clip_grad_norm", -1.0),
        ("clip_grad_norm", float("nan")),
        ("precision", "float16"),
        ("checkpoint", ""),
        ("checkpoint", 7),
        ("checkpoint_every", -1.0),
        ("lr_milestones", 50),
        ("lr_milestones", ("fifty",)),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(name, value):
    with pytest.raises(InvalidInputError, match=f"^{name} of Training must be .*; got .*[.] Leave it out"):
        Training(**{name: value}).resolve({})
