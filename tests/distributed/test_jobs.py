"""Calls by joblib's backends: the results, warnings and errors of one after the other; and so are fits by them."""

import os
import warnings

import joblib
import numpy as np
import pytest

import askew
from askew.base import fit_together
from askew.distributed.jobs import call_each, n_jobs
from askew.errors import InvalidInputError
from askew.fitting.comparison import compare

RNG = np.random.default_rng(0)
X = np.r_[RNG.normal(size=(56, 3)), np.full((4, 3), 3.0) + RNG.normal(size=(4, 3))]
Y = np.r_[np.zeros(56), -np.ones(4)]
IMAGES = RNG.integers(0, 256, (20, 1, 28, 28), dtype=np.uint8)


def call(number):
    if number < 0:
        raise InvalidInputError(f"{number} is too low")
    warnings.warn(f"{number} is odd" if number % 2 else "even", UserWarning, stacklevel=1)
    return number, os.getpid()


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_calls_are_alike_by_every_backend(backend):
    told = []
    with joblib.parallel_config(backend, n_jobs=2), pytest.warns(UserWarning) as caught:
        found = call_each(call, [(3,), (2,), (1,)], threads=True, told=told.append)
        assert n_jobs(threads=True) == 2 and n_jobs() == (2 if backend == "loky" else 1)
        with pytest.raises(InvalidInputError, match=r"^-1 is too low$"):
            call_each(call, [(1,), (-1,)], threads=True)
    assert [number for number, _ in found] == [3, 2, 1] and told == [1, 2, 3]
    assert {"3 is odd", "even", "1 is odd"} == {str(each.message) for each in caught}
    assert (os.getpid() in {pid for _, pid in found}) == (backend == "threading")


def test_without_joblibs_context_it_is_a_loop():
    with pytest.warns(UserWarning):
        assert call_each(call, [(2,), (1,)]) == [(2, os.getpid()), (1, os.getpid())]
    assert n_jobs() == n_jobs(threads=True) == 1


def auto():
    return [askew.AutoDetector(random_state=0, n_folds=2).fit(X, Y)]


def searched():
    return [askew.OCSVM(random_state=0).fit(X, Y), askew.KernelSSAD(random_state=0).fit(X, Y)]


def networks():
    """Tables of two shapes, which are trained apart."""
    models = [askew.VAE(n_members=1, random_state=seed).set_params(training__epochs=2) for seed in (0, 1)]
    fit_together(models, [(X, None), (X[:40], None)])
    return models


def ensemble_of_images():
    model = askew.AutoEncoder(n_members=2, random_state=0, network="lenet_mnist")
    return [model.set_params(training__epochs=1).fit(IMAGES)]


def cross_fitted():
    said = np.r_[np.ones(5), np.zeros(50), -np.ones(5)].astype(np.int8)
    told = []
    model = askew.Mahalanobis().fit(X, Y)
    found = compare(model, X, said, said != 0, 2, False, told.append)
    assert told == [0.5, 1.0]
    return found


@pytest.mark.parametrize("fit", [auto, searched, networks, ensemble_of_images, cross_fitted])
def test_fits_in_other_processes_are_the_same(fit, in_processes):
    alone = fit()
    with in_processes:
        apart = fit()
    if fit is cross_fitted:
        assert apart == alone
        return
    rows = IMAGES if fit is ensemble_of_images else X
    for one, other in zip(alone, apart, strict=True):
        np.testing.assert_array_equal(one.score_samples(rows), other.score_samples(rows))
        assert one.offset_ == other.offset_ and one.get_params().keys() == other.get_params().keys()


@pytest.fixture
def in_processes():
    return joblib.parallel_config("loky", n_jobs=2)
