"""Small tables and quickly trained detectors, shared by the tests of contracts, detectors and files."""

import warnings

import joblib
import numpy as np
from sklearn.base import clone

import askew
from askew.base import DeepDetector
from askew.base.fitted_parameters import remember_parameters
from askew.errors import ColumnWarning, HealthWarning
from askew.training import Training

NAMES = (
    askew.index.tabular()
)  # a detector of texts has tests of its own, tests/detectors/test_sentence_vae.py
OF_IMAGES = askew.index.of_images()  # tests/contracts/test_laws_of_images.py
DEEP = tuple(name for name in NAMES if issubclass(askew.index.detector_class(name), DeepDetector))
HAVE_SEED = tuple(name for name in NAMES if "random_state" in askew.index.detector_class(name)().get_params())
RANDOM = tuple(name for name in HAVE_SEED if askew.index.detector_class(name).random_training)
SUB_SAMPLED = tuple(name for name in NAMES if "max_rows" in askew.index.detector_class(name)().get_params())
LEARN_FROM_LABELS = tuple(name for name in NAMES if askew.index.detector_class(name).uses_labels)
NEED_ANOMALIES = tuple(name for name in NAMES if askew.index.detector_class(name).needs_anomalies)

# A search takes seconds; wherever a default is "search" these are used. A method's own tests cover its search.
FOUND = {"gamma": 0.1, "nu": 0.1, "bandwidth": 1.0}
# Detectors made of detectors are made of quick ones, whose seeds come from the whole's.
PARTS = {"encoder": "autoencoder", "detector": "oc_svm"}
# Networks for images that take seconds by default.
SMALL = {
    "dadgt": {"network": "lenet_mnist"},
    "inclusive_nrf": {"network": "lenet_mnist", "code_size": 8, "steps": 3},
    "fence_gan": {"code_size": 3},
}
# Searches at scoring, of few steps; custom networks in the tests have codes of three.
SEARCHES = {
    "anogan": {"code_size": 3, "search_steps": 3, "search_lr": 0.05},
    "adgan": {"code_size": 3, "n_restarts": 2, "search_steps": 2, "move_generator": False},
}
FEW_EPOCHS = Training(epochs=4, pretrain_epochs=2, lr=5e-3)
# A GAN's samples must have had the time to come to lie around the rows before it knows what is far away.
OWN_TRAINING = {
    "fence_gan": Training(epochs=20, pretrain_epochs=1, lr=1e-2, batch_size=20),
    "anogan": Training(epochs=4, lr=1e-3),
}
BRIEF = {"fence_gan": FEW_EPOCHS, "anogan": Training(epochs=2)}
BRIEF |= {name: Training(epochs=2, pretrain_epochs=1, lr=5e-3) for name in ("alad", "ama")}
# The quickest of what AutoDetector chooses from; its own tests cover the others.
CHOICES = {"candidates": ("kernel_ssad", "logistic_regression"), "n_folds": 2}


def quick(name, **params):
    """Return an unfitted detector by its short name (or class) that trains in a few hundredths of a second."""
    cls = askew.index.detector_class(name) if isinstance(name, str) else name
    given = cls().get_params(deep=False)
    few = {"training": clone(OWN_TRAINING.get(cls.name, FEW_EPOCHS)), "n_members": 2, "n_estimators": 10}
    few["min_samples_leaf"] = 2  # tables here have a few dozen rows
    few |= {"filters": 4, "blocks": 1, "transformations": "rotations"}
    usual = {key: value for key, value in ({"random_state": 0} | few).items() if key in given}
    usual |= {key: FOUND[key] for key, value in given.items() if isinstance(value, str) and value == "search"}
    usual |= {key: value for key, value in CHOICES.items() if key in given}
    usual |= SMALL.get(cls.name, {}) | SEARCHES.get(cls.name, {})
    usual |= {key: quick(part, random_state=None) for key, part in PARTS.items() if key in given}
    nested = {key: params.pop(key) for key in list(params) if "__" in key}
    return cls(**(usual | params)).set_params(**nested)


def brief(name, **params):
    """Return `quick(name, **params)` in so few epochs that rounding has no time to grow.

    It grows from step to step of two networks that chase each other.
    """
    short = name if isinstance(name, str) else name.name
    return quick(name, **({"training": clone(BRIEF[short])} if short in BRIEF else {}), **params)


def fitted(name, X, y=None, **params):
    """Return `quick(name, **params)` fitted on X and y; a few epochs may look unhealthy."""
    return calmly(quick(name, **params).fit, X, y)


_SHARED = {}


def shared(name, X, y=None, **params):
    """Return `fitted(name, X, y, **params)`, which many tests share: they must leave it as it is."""
    key = joblib.hash((name, X, y, sorted(params.items())))
    if key not in _SHARED:
        _SHARED[key] = fitted(name, X, y, **params)
    return _SHARED[key]


def with_needed(name, X, y=None):
    """Return (X, y), with a known anomaly far away as first row if the method needs one and y has none."""
    if name not in NEED_ANOMALIES or (y is not None and (np.asarray(y) < 0).any()):
        return X, y
    y = np.zeros(len(X), dtype=np.int8) if y is None else y
    return np.r_[np.max(X, axis=0, keepdims=True) + 4.0, X], np.r_[np.int8(-1), y]


def scored_by(detector, score_by):
    """Return a fitted detector that scores by another of its scores; its offset is that of the first."""
    remember_parameters(detector.set_params(score_by=score_by))
    return detector


def calmly(function, *args, **kwargs):
    """Call `function` without HealthWarning and ColumnWarning."""
    with warnings.catch_warnings():
        for kind in (ColumnWarning, HealthWarning):
            warnings.simplefilter("ignore", kind)
        return function(*args, **kwargs)


def table(rows=60, features=4, anomalies=6, seed=0, shift=4.0):
    """Return (X, y): correlated normal rows and, first, known anomalies away from them."""
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=(rows, 2))
    X = latent @ rng.normal(size=(2, features)) + 0.3 * rng.normal(size=(rows, features))
    X[:anomalies] += shift * rng.choice([-1.0, 1.0], size=(anomalies, features))
    y = np.zeros(rows, dtype=np.int8)
    y[:anomalies] = -1
    return X, y
