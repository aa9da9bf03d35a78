"""Rows of several requests that are scored in one call get the scores that they get alone."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import askew
from askew.calibration import Conformal
from askew.errors import InvalidInputError
from askew.inputs.json_lines import JsonRows
from askew.scoring import open_source, read_request, score_together

X = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)), columns=["a", "b", "c"])
WORDS = X.assign(word=["yes", "no", "no"] * 20)


def numbers():
    return Conformal(askew.KDE(bandwidth=1.0).fit(X), 0.3).fit(X), X


def mixed():
    return askew.Prepared(askew.KDE(bandwidth=1.0)).fit(WORDS), WORDS


def read(model, frame, most=100):
    rows = JsonRows(json.dumps(frame.to_dict("records")).encode(), "request")
    return read_request(open_source(model, rows), most)


@pytest.mark.parametrize("case", [numbers, mixed])
def test_together_is_one_by_one(case):
    model, frame = case()
    whole = frame.assign(a=np.arange(len(frame)))  # whole numbers: rows that are stored otherwise
    requests = [read(model, part) for part in (frame[:3], whole[:2], frame[3:4], frame)]
    alone = [score_together(model, [request])[0] for request in requests]
    for together, one in zip(score_together(model, requests), alone, strict=True):
        assert together.num_rows == one.num_rows
        for name in one.schema.names:
            np.testing.assert_allclose(together[name].to_numpy(), one[name].to_numpy(), rtol=1e-12)


def test_the_error_of_one_request_is_its_own(monkeypatch):
    model, frame = numbers()
    scores = type(model).score_samples

    def refuse_many(self, X):
        if len(X) != 2:
            raise InvalidInputError("two rows are asked for")
        return scores(self, X)

    monkeypatch.setattr(type(model), "score_samples", refuse_many)
    good, bad = score_together(model, [read(model, frame[:2]), read(model, frame[:3])])
    assert isinstance(good, pa.RecordBatch) and good.num_rows == 2
    assert isinstance(bad, InvalidInputError)


def test_more_rows_than_may_be_are_refused():
    model, frame = numbers()
    assert len(read(model, frame[:4], most=4).batch.ids) == 4
    with pytest.raises(InvalidInputError, match="request must have at most 3 rows; got more"):
        read(model, frame[:4], most=3)
