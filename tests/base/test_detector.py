"""The base of detectors: what is fitted together, and how rows are flagged."""

import threading

import joblib
import numpy as np
import pandas as pd
import pytest

import askew
from askew.base import fit_together
from askew.errors import InvalidInputError
from detector_cases import calmly, quick, table

X, Y = table()


def test_a_row_at_the_offset_passes():
    detector = quick("kde").fit(X, Y)
    detector.offset_ = float(detector.score_samples(X)[7])
    assert detector.decision_function(X)[7] == 0 and detector.predict(X)[7] == 1
    detector.offset_ = np.nextafter(detector.offset_, np.inf)
    assert detector.predict(X)[7] == -1


def test_fit_together_refuses_detectors_that_differ():
    one, other = quick("vae", beta_kl=0.1), quick("vae", beta_kl=0.2)
    with pytest.raises(askew.errors.InvalidInputError, match="alike but for random_state"):
        fit_together([one, other], [(X, None), (X, None)])
    with pytest.raises(askew.errors.InvalidInputError, match="alike but for random_state"):
        fit_together([quick("vae"), quick("dp_vae")], [(X, None), (X, None)])
    with pytest.raises(askew.errors.InvalidInputError, match="one pair per detector, 1; got 2"):
        fit_together([one], [(X, None), (X, None)])
    with pytest.raises(askew.errors.InvalidInputError, match="alike but for random_state"):
        fit_together(
            [quick("vae"), quick("vae", training__epochs=5)],
            [(X, None), (X, None)],
        )


def test_two_that_fit_apart_are_fitted_in_threads_where_joblib_has_some(monkeypatch):
    fit, where = askew.KDE._fit_group, []
    watched = classmethod(lambda cls, *given: where.append(threading.current_thread()) or fit(*given))
    monkeypatch.setattr(askew.KDE, "_fit_group", watched)
    pair, data = [quick("kde"), quick("kde")], [(X, Y), (X[:50], Y[:50])]
    with joblib.parallel_config("threading", n_jobs=2):
        fit_together(pair, data)
    assert len(where) == 2 and threading.main_thread() not in where
    for detector, (x, y) in zip(pair, data, strict=True):
        np.testing.assert_array_equal(detector.score_samples(X), quick("kde").fit(x, y).score_samples(X))


@pytest.mark.parametrize("share", [0.0, 0.51, 1.0, np.nan])
def test_a_share_of_flagged_rows_beyond_a_half_is_refused(share):
    with pytest.raises(InvalidInputError, match=r"contamination of KDE must be in \(0, 0.5\]"):
        quick("kde", contamination=share).fit(X)
    assert quick("kde", contamination=0.5).fit(X).offset_ == np.median(quick("kde").fit(X).score_samples(X))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("bandwidth", "fit of KDE has no parameter 'bandwidth'. Set parameters in the constructor"),
        ("epochs", "fit of KDE has no parameter 'epochs'. Leave it out"),
        ("sample_weight", "sample_weight of KDE must be left out: .* Use .*IsolationForest"),
    ],
)
def test_what_fit_does_not_take_is_refused_by_name(given, message):
    with pytest.raises(InvalidInputError, match=message):
        quick("kde").fit(X, Y, **{given: 1})


def test_extreme_cells_have_the_names_of_their_columns():
    x = np.where(np.arange(X.size).reshape(X.shape) == 4 * 7 + 1, 1e9, X)
    frame = pd.DataFrame(x, columns=list("abcd"))
    for given, name in ((x, 1), (frame, "b"), (frame.assign(word=["u", "v"] * 30)[["word", *"abcd"]], "b")):
        ((column, *found),) = calmly(quick("kde").fit, given).extreme_cells_
        assert (column, found) == (name, [1, 7, 1e9])
