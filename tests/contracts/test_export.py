"""Every detector is either written as ONNX with its own scores, or refused in plain words."""

import numpy as np
import pandas as pd
import pytest

from askew import index
from askew.base import Detector
from askew.errors import ExportError
from askew.export import load_onnx, to_onnx
from askew.export.onnx_writer import TOLERANCE
from detector_cases import DEEP, NAMES, shared, table

pytest.importorskip("onnxruntime", reason="the extra askew[onnx] is not installed")

X, Y = table()
NEW = table(rows=300, seed=1, shift=30.0)[0]
COLUMNS = ["height", "speed", "mass", "heat"]

REFUSED = {
    "dagmm": "torch's exporter stopped at",
    "anogan": "the search for a code",
    "adgan": "the search for a code",
}
"""Networks that torch's exporter cannot write, and what the refusal names."""
REFUSED |= {
    name: "nobody has written its score"
    for name in NAMES
    if name not in DEEP and index.detector_class(name)._add_score is Detector._add_score
}


def score(name):
    """Return the function that is exported."""
    cls = index.detector_class(name)
    return cls._row_scores if name in DEEP else name


# VAEs that differ in their training alone score by one function
ONE_OF_EACH = list({score(name): name for name in reversed(NAMES)}.values())[::-1]


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_an_exported_detector_scores_as_the_original_or_is_refused(name, tmp_path):
    # members are alike to the exporter, and each takes it a second
    single = {"n_members": 1} if name in DEEP and name != "vae" else {}
    detector = shared(name, pd.DataFrame(X, columns=COLUMNS), Y, **single)
    path = tmp_path / "model.onnx"
    if name in REFUSED:
        with pytest.raises(ExportError, match=f"cannot be written as ONNX.*{REFUSED[name]}"):
            to_onnx(detector, path)
        assert list(tmp_path.iterdir()) == []
        return
    parity = to_onnx(detector, path)
    assert parity.n_rows == 512 and parity.largest <= TOLERANCE
    exported = load_onnx(path)
    new = pd.DataFrame(NEW, columns=COLUMNS)
    wanted = detector.score_samples(new)
    allowed = TOLERANCE * (wanted.std() + np.abs(wanted))
    found = exported.run(new[COLUMNS[::-1]])  # by name, in any order
    assert (np.abs(found["score"] - wanted) <= allowed).all()
    assert (found["anomaly_score"] == -found["score"]).all()
    clear = np.abs(wanted - detector.offset_) > allowed
    np.testing.assert_array_equal(found["prediction"][clear], detector.predict(new)[clear])
    # the number of rows is free, and a row's score does not depend on its neighbours
    np.testing.assert_allclose(exported.score_samples(NEW[:1]), found["score"][:1], rtol=1e-5)
