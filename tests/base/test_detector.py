"""The base of detectors: what is fitted together, and how rows are flagged."""

import numpy as np
import pytest

import askew
from askew.base import fit_together
from detector_cases import quick, table

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
