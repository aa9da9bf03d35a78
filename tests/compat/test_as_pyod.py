"""PyOD's view: its labels, its direction, its numbers; and PyOD's own tools, where it is installed."""

import numpy as np
import pytest
from sklearn.base import clone

from askew.compat import as_pyod
from askew.errors import InvalidInputError, LabelError
from detector_cases import NAMES, calmly, fitted, quick, table, with_needed

X, Y = table(rows=100)


@pytest.mark.parametrize("name", NAMES)
def test_labels_and_direction_are_pyods(name):
    view = calmly(as_pyod(quick(name)).fit, X, (Y < 0).astype(int))
    detector = fitted(name, X, Y)
    np.testing.assert_array_equal(view.decision_function(X), -detector.score_samples(X))
    np.testing.assert_array_equal(view.predict(X), detector.predict(X) == -1)
    np.testing.assert_array_equal(view.labels_, view.decision_scores_ > view.threshold_)
    np.testing.assert_array_equal(view.decision_scores_, view.decision_function(X))


def test_labels_of_pyod_are_learned_from():
    y = (Y < 0).astype(int)
    with_labels, without = (calmly(as_pyod(quick("dp_vae")).fit, X, labels) for labels in (y, None))
    gains = with_labels.decision_function(X[:6]) - without.decision_function(X[:6])
    assert gains.mean() > 0
    with pytest.raises(LabelError, match="vector of 0"):
        as_pyod(quick("kde")).fit(X, Y)


def test_fitting_leaves_the_model_given_as_it_was_and_clones_are_unfitted():
    detector = quick("isolation_forest")
    view = as_pyod(detector).fit(X)
    assert not hasattr(detector, "offset_") and view.model is detector
    assert not hasattr(clone(view), "model_")
    assert clone(view).set_params(model__n_estimators=3).model.n_estimators == 3


def test_a_fitted_model_scores_at_once_and_is_told_of_its_training_rows_or_says_so():
    detector = fitted("isolation_forest", X)
    view = as_pyod(detector)
    assert view.model_ is detector and view.threshold_ == -detector.offset_
    np.testing.assert_array_equal(view.predict(X), detector.predict(X) == -1)
    with pytest.raises(AttributeError, match=r"as_pyod\(model, X\)"):
        view.decision_scores_  # noqa: B018
    assert not hasattr(view, "labels_")
    np.testing.assert_array_equal(as_pyod(detector, X).decision_scores_, detector.anomaly_score(X))
    with pytest.raises(Exception, match="not fitted"):
        as_pyod(quick("kde"), X)
    with pytest.raises(AttributeError, match="once the model is fitted"):
        as_pyod(quick("kde")).threshold_  # noqa: B018
    with pytest.raises(InvalidInputError, match="method of predict_proba must be"):
        as_pyod(detector, X).predict_proba(X, "softmax")


class TestWithPyOD:
    @pytest.fixture
    def base(self):
        return pytest.importorskip("pyod.models.base", reason="PyOD is not installed").BaseDetector

    @pytest.mark.parametrize("name", ["isolation_forest", "vae", "oc_svm"])
    def test_every_number_is_the_one_that_pyod_computes(self, name, base):
        view = as_pyod(fitted(name, *with_needed(name, X)), X)

        class Theirs(base):
            def __init__(self):
                self.contamination = view.contamination

            def fit(self, rows, y=None):
                self.decision_scores_ = view.decision_scores_
                self._classes = 2
                self._process_decision_scores()
                return self

            def decision_function(self, rows):
                return view.decision_function(rows)

        theirs, new = Theirs().fit(X), table(seed=1)[0]
        assert view.threshold_ == pytest.approx(theirs.threshold_, rel=1e-12)
        np.testing.assert_array_equal(view.predict(new), theirs.predict(new))
        np.testing.assert_array_equal(view.labels_, theirs.labels_)
        for method in ("linear", "unify"):
            ours, wanted = view.predict_proba(new, method), theirs.predict_proba(new, method)
            np.testing.assert_allclose(ours, wanted, atol=1e-12)
        _, sure = view.predict(new, return_confidence=True)
        np.testing.assert_allclose(sure, theirs.predict_confidence(new), atol=1e-12)

    def test_its_evaluation_and_combinations_take_it(self, base, capsys):
        data = pytest.importorskip("pyod.utils.data")
        combination = pytest.importorskip("pyod.models.combination", reason="combo is not installed")
        views = [calmly(as_pyod(quick(name)).fit, X) for name in ("isolation_forest", "kde", "oc_svm")]
        scores = np.stack([view.decision_scores_ for view in views], axis=1)
        for combined in (combination.average(scores), combination.maximization(scores)):
            data.evaluate_print("combined", (Y < 0).astype(int), combined)
        assert capsys.readouterr().out.count("combined ROC:") == 2

    def test_its_ensembles_take_it_as_a_base(self, base):
        bagging = pytest.importorskip("pyod.models.feature_bagging", reason="combo is not installed")
        ensemble = bagging.FeatureBagging(as_pyod(quick("isolation_forest")), n_estimators=3, random_state=0)
        scores = ensemble.fit(X).decision_function(X)
        assert scores[:6].mean() > scores[6:].mean()
