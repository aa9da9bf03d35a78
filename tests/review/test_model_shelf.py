"""Models are kept by name; a name that is none is refused."""

import numpy as np
import pytest
from review_cases import table

import askew
from askew.errors import ModelFileError
from askew.review.model_shelf import ModelShelf, scores_digest


@pytest.mark.parametrize("in_memory", [True, False])
def test_models_come_back(tmp_path, in_memory):
    X = table()
    shelf = ModelShelf(None if in_memory else tmp_path)
    models = [askew.KDE(bandwidth=width).fit(X) for width in (0.5, 1.0)]
    names = [shelf.put(model, 1) for model in models]  # two sessions that put at once have one number
    assert len(set(names)) == 2
    for name, model in zip(names, models, strict=True):
        found = shelf.get(name).score_samples(X)
        np.testing.assert_array_equal(found, model.score_samples(X))
        assert scores_digest(found) == scores_digest(model.score_samples(X))
    assert len({scores_digest(model.score_samples(X)) for model in models}) == 2


@pytest.mark.parametrize("name", ["gone.askew", "../elsewhere.askew"])
def test_a_model_that_is_gone_is_refused(tmp_path, name):
    (tmp_path / "session").mkdir()
    askew.Mahalanobis().fit(table()).save(tmp_path / "elsewhere.askew")
    with pytest.raises(ModelFileError, match="Put the file back"):
        ModelShelf(tmp_path / "session").get(name)
