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
from askew.errors import HealthWarning
from detector_cases import NAMES, brief, quick


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


def checks():
    """Return every check for every detector with a readable id."""
    found = []
    for name in NAMES:
        for estimator, check in estimator_checks_generator(brief(subclass(askew.index.detector_class(name)))):
            options = {k: v for k, v in check.keywords.items() if k != "name"}
            title = "-".join([name, check.func.__name__, *map(str, options.values())])
            found.append(pytest.param(estimator, check, id=title))
    return found


CHECKS = checks()

# The only ones that may be skipped: they need SCIPY_ARRAY_API and an array library that we do not depend on.
SKIPPABLE = {"check_array_api_input"}


@pytest.mark.filterwarnings("ignore::askew.errors.HealthWarning")
@pytest.mark.parametrize("estimator, check", CHECKS)
def test_scikit_learns_check(estimator, check):
    try:
        check(clone(estimator))
    except SkipTest:
        assert check.func.__name__ in SKIPPABLE
        raise


def test_no_check_is_expected_to_fail_and_all_of_an_outlier_detector_are_there():
    titles = {param.id.split("-")[1] for param in CHECKS}
    for needed in (
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
    ):
        assert needed in titles
    for name in NAMES:
        assert not quick(name).__sklearn_tags__().no_validation
        assert quick(name).__sklearn_tags__().estimator_type == "outlier_detector"


def test_the_untranslated_detectors_pass_the_checks_that_give_no_foreign_y():
    """The subclass is thin: without y it is the detector itself."""
    X = np.random.default_rng(0).normal(size=(30, 3))
    for name in NAMES:
        cls = askew.index.detector_class(name)
        y = with_anomaly(X, None) if cls.needs_anomalies else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HealthWarning)
            plain, thin = brief(cls).fit(X, y), brief(subclass(cls)).fit(X)
        np.testing.assert_array_equal(plain.score_samples(X), thin.score_samples(X))
