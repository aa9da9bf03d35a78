"""Saved and loaded in a fresh process, a detector gives the same scores, and nothing is unpickled on the way."""

import json
import textwrap

import numpy as np
import pandas as pd
import pytest

import askew
from askew import files
from askew.training import Training
from detector_cases import DEEP, NAMES, calmly, fitted, quick, shared, table

X, Y = table()
NEW = table(rows=40, seed=1)[0]
COLUMNS = ["height", "speed", "mass", "heat"]

FRESH = textwrap.dedent(
    """
    import json, pickle, sys
    from pathlib import Path

    import numpy as np

    folder = Path(sys.argv[1])
    forbidden = ("pickle.find_class", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "socket.connect")
    seen = []
    sys.addaudithook(lambda event, args: seen.append(event) if event in forbidden else None)

    def refuse(*args, **kwargs):
        raise AssertionError("something was unpickled")

    import askew, torch, joblib, skops.io, sklearn.ensemble
    pickle.load = pickle.loads = pickle.Unpickler = torch.load = joblib.load = refuse
    seen.clear()  # what imports did is not the file's doing

    X = np.load(folder / "X.npy")
    report = {}
    for path in sorted(folder.glob("*.askew")):
        detector = askew.load(path)
        np.savez(
            folder / f"{path.stem}.npz",
            scores=detector.score_samples(X), decision=detector.decision_function(X), predicted=detector.predict(X),
        )
        report[path.stem] = {
            "class": type(detector).__name__,
            "parameters": {k: repr(v) for k, v in detector.get_params().items()},
            "names": list(getattr(detector, "feature_names_in_", [])),
        }
    report["seen"] = seen
    (folder / "report.json").write_text(json.dumps(report))
    """
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory, forks):
    """Fit and save every detector, and score with all of them in one fresh process."""
    folder = tmp_path_factory.mktemp("models")
    np.save(folder / "X.npy", NEW)
    detectors = {name: shared(name, X, Y) for name in NAMES}
    for name, detector in detectors.items():
        detector.save(folder / f"{name}.askew")
    forks.run(FRESH, folder, folder=folder)
    return folder, detectors, json.loads((folder / "report.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_a_fresh_process_gives_equal_scores(saved, name):
    folder, detectors, _ = saved
    found = np.load(folder / f"{name}.npz")
    np.testing.assert_array_equal(found["scores"], detectors[name].score_samples(NEW))
    np.testing.assert_array_equal(found["decision"], detectors[name].decision_function(NEW))
    np.testing.assert_array_equal(found["predicted"], detectors[name].predict(NEW))


@pytest.mark.parametrize("name", NAMES)
def test_class_and_parameters_come_back(saved, name):
    _, detectors, report = saved
    assert report[name]["class"] == type(detectors[name]).__name__
    assert report[name]["parameters"] == {k: repr(v) for k, v in detectors[name].get_params().items()}


def test_loading_unpickles_nothing_and_starts_nothing(saved):
    assert saved[2]["seen"] == []


@pytest.mark.parametrize("name", DEEP)
def test_members_and_codes_come_back(saved, name):
    folder, detectors, _ = saved
    loaded = askew.load(folder / f"{name}.askew")
    np.testing.assert_array_equal(loaded.member_scores(NEW), detectors[name].member_scores(NEW))
    np.testing.assert_array_equal(loaded.encode(NEW), detectors[name].encode(NEW))
    for one, other in zip(loaded.members_, detectors[name].members_, strict=True):
        assert (one.seed, one.losses, one.retried) == (other.seed, other.losses, other.retried)
    assert loaded.failed_members_ == []


@pytest.mark.parametrize("name", NAMES)
def test_column_names_come_back_and_still_guard_scoring(name, tmp_path):
    frame = pd.DataFrame(X, columns=COLUMNS)
    shared(name, frame, Y).save(tmp_path / "m.askew")
    loaded = askew.load(tmp_path / "m.askew")
    assert list(loaded.feature_names_in_) == COLUMNS
    assert loaded.score_samples(frame).shape == (60,)
    with pytest.raises(ValueError, match="feature names should match"):
        loaded.score_samples(frame[COLUMNS[::-1]])
    with pytest.raises(ValueError, match="feature names should match"):
        loaded.score_samples(frame[COLUMNS[:3]])


@pytest.mark.parametrize("name", NAMES)
def test_a_loaded_detector_can_be_fitted_again_and_saved_again(name, tmp_path):
    detector = shared(name, X, Y)
    detector.save(tmp_path / "m.askew")
    loaded = askew.load(str(tmp_path / "m.askew"))
    loaded.save(tmp_path / "n.askew")
    (header, arrays), (again, same) = files.read(tmp_path / "m.askew"), files.read(tmp_path / "n.askew")
    assert header == again and arrays.keys() == same.keys()
    calmly(loaded.fit, X, Y)
    np.testing.assert_array_equal(loaded.score_samples(NEW), detector.score_samples(NEW))


@pytest.mark.parametrize("name", NAMES)
def test_loading_leaves_global_random_states_untouched(saved, name):
    import torch

    torch.manual_seed(3)
    before = torch.get_rng_state(), np.random.get_state()[1].tolist()  # noqa: NPY002
    askew.load(saved[0] / f"{name}.askew")
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1] == np.random.get_state()[1].tolist()  # noqa: NPY002


def test_parameters_of_every_kind_come_back(tmp_path):
    training = Training(
        epochs=np.int64(2), lr=np.float32(0.25), lr_milestones=(1, np.int64(2)), batch_size=16
    )
    detector = askew.DPVAE(
        n_members=np.int64(1), alpha=np.float64(3.0), training=training, random_state=np.int64(4), scale=None
    )
    calmly(detector.fit, X, Y).save(tmp_path / "m.askew")
    loaded = askew.load(tmp_path / "m.askew")
    assert loaded.get_params(deep=False) | {"training": None} == {
        **detector.get_params(deep=False),
        "training": None,
    }
    assert loaded.training.get_params() == training.get_params() | {"lr_milestones": (1, 2)}
    np.testing.assert_array_equal(loaded.score_samples(NEW), detector.score_samples(NEW))


def test_a_generator_as_random_state_is_saved_as_none(tmp_path):
    fitted("vae", X, random_state=np.random.RandomState(0)).save(tmp_path / "m.askew")
    assert askew.load(tmp_path / "m.askew").random_state is None


def test_an_unfitted_detector_is_not_saved(tmp_path):
    with pytest.raises(Exception, match="not fitted yet"):
        quick("vae").save(tmp_path / "m.askew")
    assert list(tmp_path.iterdir()) == []
