"""Every check of scikit-learn's check_estimator passes for every detector, and none is left out.

About 16 checks feed class labels 0 to 3 or floats as y. Detectors must refuse those, so here thin subclasses
translate y into our labels first; they change nothing else.
"""

import warnings
from unittest import SkipTest

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import estimator_checks_generator

import askew
from askew.base import DeepDetector
from askew.errors import HealthWarning
from askew.training import Training
from detector_cases import NAMES, quick


def translated(y):
    """Return any vector as our labels: its values in order are 0, -1, +1, 0, -1, +1, ..."""
    if y is None:
        return None
    values = np.asarray(y)
    if values.ndim != 1 or len(values) == 0:
        return y
    ranks = np.unique(values, return_inverse=True)[1]
    found = np.array([0, -1, 1], dtype=np.int8)[ranks % 3]
    # few rows may all but one be anomalies then, which leaves deep detectors nothing to learn normal from
    return askew.labels.ours(found if (found >= 0).sum() >= 2 else np.zeros_like(found))


def with_anomaly(X, y):
    """Return our labels y with the first row a known anomaly if there is none, for methods that need one."""
    shape = getattr(X, "shape", None) or np.shape(np.asarray(X))
    n_rows = shape[0] if shape else 0
    wrong_form = y is not None and np.shape(np.asarray(y)) != (n_rows,)
    if n_rows < 3 or wrong_form or (y is not None and (np.asarray(y) == -1).any()):
        return y  # also what the check wants refused: data without rows to mark, labels of another form
    others = np.zeros(n_rows, dtype=np.int8) if y is None else np.asarray(y)
    return askew.labels.ours(np.r_[np.int8(-1), others[1:]])


def subclass(cls):
    """Return a subclass of `cls` whose fit translates y, and marks a row where `cls` cannot do without."""

    def fit(self, X, y=None):
        y = translated(y)
        return cls.fit(self, X, with_anomaly(X, y) if cls.needs_anomalies else y)

    made = type(f"Translated{cls.__name__}", (cls,), {"fit": fit, "__module__": __name__})
    globals()[made.__name__] = made  # checks pickle it, so it must be found by name
    return made


def briefest(cls):
    """Return an unfitted detector of the class that trains one member for one epoch, which is enough here."""
    networks = issubclass(cls, DeepDetector)
    return quick(
        cls, **({"training": Training(epochs=1, pretrain_epochs=1), "n_members": 1} if networks else {})
    )


# The only one that may be skipped: it needs SCIPY_ARRAY_API and an array library that we do not depend on.
SKIPPABLE = {"check_array_api_input"}

NEEDED = {
    "check_estimators_dtypes",
    "check_estimators_nan_inf",
    "check_fit2d_1sample",
    "check_methods_subset_invariance",
    "check_methods_sample_order_invariance",
    "check_outliers_train",
    "check_outliers_fit_predict",
    "check_n_features_in",
    "check_dict_unchanged",
    "check_fit_idempotent",
    "check_estimators_pickle",
    "check_parameters_default_constructible",
    "check_readonly_memmap_input",
    "check_f_contiguous_array_estimator",
}


@pytest.mark.filterwarnings("ignore::askew.errors.HealthWarning")
@pytest.mark.parametrize("name", NAMES)
def test_every_check_passes_and_none_is_expected_to_fail(name):
    done = set()
    for estimator, check in estimator_checks_generator(briefest(subclass(askew.index.detector_class(name)))):
        title = check.func.__name__
        done.add(title)
        try:
            check(clone(estimator))
        except SkipTest:
            assert title in SKIPPABLE
        except Exception as error:
            error.add_note(f"in {title}, {check.keywords}")
            raise
    assert NEEDED <= done
    tags = quick(name).__sklearn_tags__()
    assert not tags.no_validation and tags.estimator_type == "outlier_detector"


def test_the_untranslated_detectors_pass_the_checks_that_give_no_foreign_y():
    """The subclass is thin: without y it is the detector itself."""
    X = np.random.default_rng(0).normal(size=(30, 3))
    for name in NAMES:
        cls = askew.index.detector_class(name)
        y = with_anomaly(X, None) if cls.needs_anomalies else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HealthWarning)
            plain, thin = briefest(cls).fit(X, y), briefest(subclass(cls)).fit(X)
        np.testing.assert_array_equal(plain.score_samples(X), thin.score_samples(X))
