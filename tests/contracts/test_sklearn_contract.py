"""Every check of scikit-learn's check_estimator passes for every detector, and none is left out.

About 16 checks feed class labels 0 to 3 or floats as y. Detectors must refuse those, so here thin subclasses
translate y into our labels first; they change nothing else.
"""

import warnings

import numpy as np
import pytest
from detector_cases import NAMES, quick
from sklearn.exceptions import SkipTestWarning
from sklearn.utils.estimator_checks import estimator_checks_generator

import askew
from askew.errors import HealthWarning


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


def subclass(cls):
    """Return a subclass of `cls` whose fit translates y."""

    def fit(self, X, y=None):
        return cls.fit(self, X, translated(y))

    made = type(f"Translated{cls.__name__}", (cls,), {"fit": fit, "__module__": __name__})
    globals()[made.__name__] = made  # checks pickle it, so it must be found by name
    return made


SKIPPABLE = {
    # needs SCIPY_ARRAY_API and an array library that is no dependency of ours
    "check_array_api_input_and_values",
    "check_array_api_input",
    "check_array_api_same_namespace",
}


def checks():
    for name in NAMES:
        detector = quick(subclass(askew.index.detector_class(name)))
        with warnings.catch_warnings():
            warnings.simplefilter("error", SkipTestWarning)
            for estimator, check in estimator_checks_generator(detector, mark=None):
                title = getattr(check, "func", check).__name__
                details = "-".join(str(v) for v in getattr(check, "keywords", {}).values())
                yield pytest.param(estimator, check, id="-".join(filter(None, (name, title, details))))


@pytest.mark.filterwarnings("ignore::askew.errors.HealthWarning")
@pytest.mark.parametrize("estimator, check", checks())
def test_scikit_learns_check(estimator, check):
    title = getattr(check, "func", check).__name__
    try:
        check(estimator)
    except pytest.skip.Exception:
        assert title in SKIPPABLE
        raise


def test_no_check_is_expected_to_fail_and_all_of_an_outlier_detector_are_there():
    titles = {param.id.split("-")[1] for param in checks()}
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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HealthWarning)
            plain, thin = quick(cls).fit(X), quick(subclass(cls)).fit(X)
        np.testing.assert_array_equal(plain.score_samples(X), thin.score_samples(X))
